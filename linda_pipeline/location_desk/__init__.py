"""The location desk: a report of a charge point that stands in the wrong place, followed until its place is right.

Here: reports, NDW's answer to them, the term, and the night that closes them. Not here: defects that the judge finds (those are
cases), and the mails (post).
"""
