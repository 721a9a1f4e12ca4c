"""Every sentence that the core itself says to a user."""

from parachute_core.model.errors import OrchestratorFault

NOT_ALLOWED = "Sorry, I only talk to people my owner has let in."
GATE_FAILED = "Sorry, I cannot take messages right now. Please try again later."
TOO_MANY_WAITING = "I am still busy with your earlier messages. Please send this one again when I have answered them."
NO_TRUST = "Sorry, I cannot answer you: your access is not set up correctly. Please ask my owner to look at it."
NEW_SESSION = "All right, this is a fresh session."
NO_ANSWER = "I have no answer to that."
STOPPING = "I am being stopped and could not finish my answer. I will take it up again when I am back."
INCOMPLETE = "The rest of my answer could not be delivered. Please ask again."
BROKEN_OFF = "My answer broke off here: something went wrong. Please ask again."
CANNOT_GO_ON = "I may not go on with this answer."
TOO_LONG = "My answer is longer than I may write at once. Tell me to go on, and you get the rest."
CANNOT_HEAR = "I cannot listen to voice messages. Please write to me instead."
NOT_UNDERSTOOD = "Sorry, I could not understand your voice message. Please write to me instead."
ONLY_TEXT = "I can only read text. I did not look at what you attached."
HELP = "Write to me and I answer.\n/new starts a fresh session\n/status tells how I am\n/help shows this"

TROUBLE = {
    OrchestratorFault.UNAVAILABLE: "Sorry, whatever answers your questions cannot be reached right now. Please try again later.",
    OrchestratorFault.TIMEOUT: "Sorry, the answer took too long and I stopped waiting for it. Please try again.",
    OrchestratorFault.OVERLOADED: "Sorry, there is too much to do right now. Please try again in a moment.",
    OrchestratorFault.MISCONFIGURED: "Sorry, I cannot answer: I am not set up correctly. Please ask my owner to look at it.",
    OrchestratorFault.REFUSED: "Sorry, I may not answer that.",
    OrchestratorFault.TRUNCATED: "Sorry, the answer got longer than I may write. Please ask for less at once.",
    OrchestratorFault.PROTOCOL: "Sorry, something went wrong while I was answering. Please try again.",
    OrchestratorFault.INTERNAL: "Sorry, something went wrong while I was answering. Please try again.",
}
"""What the user reads when the answering agent failed before its first word, by the kind of failure."""
BROKEN_OFF_BY = {OrchestratorFault.REFUSED: CANNOT_GO_ON, OrchestratorFault.TRUNCATED: TOO_LONG}
"""What the user reads below the text that there is, where that is not `BROKEN_OFF`."""
