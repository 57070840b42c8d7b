"""What was done at the desk, in words: one sentence for each action."""

from __future__ import annotations

ACTIONS = {
    "session:begin": "Signed in",
    "session:end": "Signed out",
    "session:end_all": "Ended all their own sessions",
    "session:end_everybody": "Ended all sessions of everybody",
    "campaign:remind": "Sent reminders",
    "campaign:ask": "Asked new parents",
    "staff:add": "Put teachers on the list",
    "staff:remove": "Took a teacher off the list",
    "staff:tell": "Told teachers about a version",
    "paper:record": "Recorded a paper form",
    "paper:undo": "Undid the record of a paper form",
    "message:answer": "Answered a message",
    "message:close": "Closed messages",
    "message:reopen": "Reopened a message",
    "message:settle": "Said that an address is right",
    "account:add": "Let somebody sign in",
    "account:change": "Changed an account",
    "account:rename": "Changed their own name",
    "account:remove": "Removed an account",
    "passkey:add": "Added a passkey",
    "passkey:remove": "Removed a passkey",
    "parent:note": "Wrote a note",
    "draft:save": "Saved the draft",
    "draft:upload": "Made a file the draft",
    "draft:restore": "Took an earlier draft up again",
    "draft:ask": "Asked for a review of the draft",
    "draft:approve": "Approved the draft",
    "draft:want_changes": "Asked for changes to the draft",
    "draft:comment": "Commented on the draft",
    "draft:settle_comment": "Settled a comment",
    "draft:discard": "Discarded their own unsaved words",
    "release:release": "Released a version",
    "release:call_off": "Called off the email to parents",
    "release:plan": "Planned the email to parents again",
    "parent:correct": "Corrected a parent",
    "parent:merge": "Merged two records of one parent",
    "parent:leave": "Recorded that a parent has left",
    "parent:add": "Put a parent into the register",
    "register:import": "Brought the register to what a file says",
    "register:leavers": "Recorded those missing from a file as having left",
    "parent:exempt": "Noted that a parent need not sign",
    "parent:end_exemption": "Noted that a parent is to sign again",
    "parent:export": "Exported the data of a parent",
    "record:sample": "Checked a sample of declarations",
    "parent:erase": "Erased a parent",
}


def action_words(action: str) -> str:
    """What an action is called, such as “Signed in” for ``session:begin``."""
    return ACTIONS.get(action, action)
