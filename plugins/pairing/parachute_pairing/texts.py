"""Every sentence that a user reads from this plugin."""

REQUESTED = (
    "Hello! I only talk to people my owner has let in. I have noted your request {id}: "
    "my owner must approve it first, and I will tell you here when that is done."
)
WAITING = "Your request {id} is still waiting for my owner. I will tell you here as soon as it is decided."
FULL = "Sorry, too many people are waiting for my owner's approval right now. Please try again another day."
APPROVED = "Good news: my owner has approved your request. Write to me, and I will answer."
DENIED = "Sorry, my owner has declined your request {id}."
