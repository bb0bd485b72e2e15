"""How authority and confidence are named wherever a source is shown: page, desks, memo."""

from __future__ import annotations

AUTHORITY = {
    "constitution": "Constitution",
    "statute": "Statute",
    "tariff": "Tariff schedule",
    "regulation": "Regulation",
    "case": "Court case",
    "interpretation": "Agency interpretation",
    "guidance": "Agency guidance",
    "form": "Agency form",
    "policy": "Agency policy",
    "bill": "Bill, not law",
    "alert": "Law-firm alert, not law",
    "overview": "Overview page, not law",
}
CONFIDENCE = {
    "high": "text read",
    "medium": "partly read",
    "low": "weakly supported",
    "unconfirmed": "not confirmed",
}
