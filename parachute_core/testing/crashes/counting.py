"""What became of everything that was asked."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from itertools import pairwise

from parachute_core.model.outgoing import SENT_AGAIN


@dataclass(slots=True)
class Counts:
    """The result of a trial."""

    asked: int = 0
    kills: int = 0
    faults: int = 0
    unheard: int = 0
    """Questions that never reached the bot's journal: its platform was never told that they were taken."""
    lost: int = 0
    """Questions that were taken, have no answer, and of which the owner is not told that they have none."""
    given_up: int = 0
    """Questions without an answer of which the owner is told: it may have arrived, was sent again, and that may have arrived too."""
    doubled: int = 0
    """Answers that came more than once without a label."""
    labelled: int = 0
    """Answers that came with the label of a message that may be there already, whether it was or not."""
    disordered: int = 0
    """Answers that came before that of an earlier question of their chat."""

    def __str__(self) -> str:
        return " ".join(f"{name}={count}" for name, count in asdict(self).items())


def count(asked: Mapping[int, Sequence[str]], read: Mapping[int, Sequence[str]], unheard: Set[str], dead: Set[str] = frozenset()) -> Counts:
    """Compare, chat by chat, the questions in their order with what was read. An answer is its question, or that with a label.

    `dead`: answers that the bot gave up and shows to its owner.
    """
    counts = Counts(asked=sum(len(one) for one in asked.values()), unheard=len(unheard))
    for chat, everything in asked.items():
        questions = [one for one in everything if one not in unheard]
        texts = list(read.get(chat, ()))
        bare = [text.removeprefix(SENT_AGAIN) for text in texts]
        missing = [question for question in questions if question not in bare]
        counts.lost += sum(question not in dead for question in missing)
        counts.given_up += sum(question in dead for question in missing)
        counts.doubled += sum(max(0, texts.count(question) - 1) for question in questions)
        counts.labelled += sum(texts.count(SENT_AGAIN + question) for question in questions)
        first = [questions.index(text) for text in dict.fromkeys(bare) if text in questions]
        counts.disordered += sum(after < before for before, after in pairwise(first))
    return counts
