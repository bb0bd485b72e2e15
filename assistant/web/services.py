"""What the pages work with: the assistant and everything that is kept, opened once when the server starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.access import Users
from assistant.answer import Assistant
from assistant.contract import Answer
from assistant.database import Database
from assistant.feedback import Feedback
from assistant.ledger import Ledger
from assistant.reviews import Reviews
from assistant.settings import Settings
from assistant.standing import States
from assistant.standings import Standings
from assistant.threads import ThreadStore
from assistant.tokens import Tokens
from assistant.uses import Uses


@dataclass(frozen=True)
class Services:
    """One of each, all on one database."""

    settings: Settings
    assistant: Assistant
    threads: ThreadStore
    ledger: Ledger
    users: Users
    tokens: Tokens
    feedback: Feedback
    reviews: Reviews
    standings: Standings
    uses: Uses

    def renewed(self, answer: Answer) -> Answer:
        """A stored answer with the attorneys' reviews of today."""
        return self.standings.renewed(answer, self.assistant.library)

    @classmethod
    def open(cls, settings: Settings, database: Database, opened: Callable[[States], Assistant]) -> Services:
        """On an opened database. Raises what opening the assistant raises."""
        ledger = Ledger(database)
        reviews = Reviews(database, ledger)
        standings = Standings(reviews, settings.official_dir)
        users = Users(database)
        return cls(
            settings,
            opened(standings),
            ThreadStore(database),
            ledger,
            users,
            Tokens(database, users),
            Feedback(database, ledger),
            reviews,
            standings,
            Uses(database),
        )
