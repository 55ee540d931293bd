"""The open implementation of LINDA, the Dutch national portal for usage data of public charge points."""
