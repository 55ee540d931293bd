"""Who may deliver, and what: the register of CPOs, their owners and permissions."""
