"""Every sentence that a stranger reads from this plugin."""

REQUESTED = (
    "Hello! I only talk to people my owner has let in. I have noted your request {id}: "
    "my owner must approve it first, and I will tell you here when that is done."
)
WAITING = "Your request {id} is still waiting for my owner. I will tell you here as soon as it is decided."
FULL = "Sorry, too many people are waiting for my owner's approval right now. Please try again another day."
APPROVED = "Good news: my owner has approved your request. Write to me, and I will answer."
DENIED = "Sorry, my owner has declined your request {id}."
WELCOME = "Welcome! Your invitation is good. Write to me, and I will answer."
INSIDE = "You do not need a code: my owner has let you in already."
WRONG_CODE = (
    "Sorry, this code is not good, or not any more. Please look at it again; without one, just write to me and my owner will be asked."
)
NO_MORE_TRIES = "Sorry, this code is not good either. I will not look at another one of yours for some time."
TRY_LATER = "Your code is good, but I could not let you in just now. Please send it again in a while."
