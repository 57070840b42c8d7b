"""What an operator can have wrong, checked from where parents stand.

Readiness looks from inside one process and asks nobody but the database. These checks
also ask the public address, the mail server and the database's clock, so that they
take seconds and run when somebody wants to know.
"""
