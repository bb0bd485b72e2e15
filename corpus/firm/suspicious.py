"""Text that is not written for the reader of a document: instructions to a model, unseen characters, links that act.

It only flags; a person decides. The patterns are narrow, since legal prose speaks of ignoring, of instructions and of
systems too: an instruction counts where a sentence begins with it, not where an agency or a jury is its subject.
What it does not know: instructions in other languages, paraphrases, homoglyphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.firm.document import Flag
from corpus.official.section import normalised

INSTRUCTION = "instruction to a model"
UNSEEN = "unseen characters"
LINK = "link that acts"
ENCODED = "encoded data"

# A sentence or a clause that tells the reader to do something begins here.
_IMPERATIVE = r"(?:^|[.:;!?>\]\"'“”(*#-]\s*|\b(?:please|now|then|and|you (?:must|should|shall|will|are to)|must)\s)"
_BEFORE = r"(?:previous|prior|above|preceding|earlier|foregoing|existing|original|initial|system|safety)"
_MODEL = r"(?:AIs?|A\.I\.|LLMs?|(?:AI |large )?language models?|chat ?bots?|AI (?:assistant|model|system|agent)s?)"
_TOLD = r"(?:instructions?|prompts?|directives?)"

# (kind, what it looks like in normalised text of one paragraph). Each repeat is bounded.
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            INSTRUCTION,
            rf"{_IMPERATIVE}(?:ignore|disregard|forget|override|bypass)\s(?:\w+\s){{0,4}}?"
            rf"(?:(?:{_BEFORE}|your)\s(?:\w+\s){{0,2}}{_TOLD}|{_TOLD}\s(?:above|before|you (?:were|have been) given)"
            r"|your\s(?:\w+\s){0,2}(?:rules|guidelines|training|programming|guardrails|restrictions)"
            r"|everything (?:above|before this|you (?:were|have been) told))\b",
        ),
        (INSTRUCTION, r"\bsystem prompts?\b"),
        (
            INSTRUCTION,
            r"\b(?:you are now|from now on,? you(?: are|['’]re| will be)"
            r"|(?:pretend|act as if|imagine) (?:that )?you(?: are|['’]re)|act as)"
            r" (?:an? |the |my |in )?(?:\w+ ){0,2}?(?:AI|LLM|DAN|chat ?bot|bot|language model|persona|pirate|hacker"
            r"|assistant(?! (?:secretary|attorney|manager|director|treasurer|professor|general|u\.?s\.?))"
            r"|unrestricted|unfiltered|jailbroken|(?:developer|debug|god|admin|jailbreak) mode)\b",
        ),
        (INSTRUCTION, rf"\bif you are (?:an? |the )?{_MODEL}\b|\bas an? {_MODEL},"),
        (
            INSTRUCTION,
            rf"(?:^|[.!?>(\[]\s*)(?:note|attention|message|instructions?|important|dear|hey|hello),?\s?(?:to|for)?\s?"
            rf"(?:all |any |the )?{_MODEL}(?: (?:reading|processing|summari[sz]ing|reviewing)[^:]{{0,40}})?\s?[:!]",
        ),
        # A turn of a dialogue; "Assistant: Mary Smith" in a contact block is a person.
        (INSTRUCTION, r"(?:^|[.!?]\s)assistant\s?:\s?(?!(?-i:[A-Z][\w.'’-]+,? [A-Z]))\w"),
        (
            INSTRUCTION,
            r"(?:^|[.!?]\s)system(?: message)?\s?:\s?(?:you|your|answer|reply|respond|always|never|ignore)\b",
        ),
        (INSTRUCTION, r"<\|\w{2,20}\|>|\[/?INST\]|<</?SYS>>|#{2,} ?(?:system|assistant|instruction|response)\b ?:?"),
        (INSTRUCTION, r"</?(?:system|assistant|user|instructions?|prompt|context|sources?|documents?|tool_call)>"),
        (
            INSTRUCTION,
            r"\b(?:do not|don['’]t|never) (?:ever )?(?:(?:tell|inform|alert|warn) the user\b"
            r"|(?:reveal|disclose|mention|repeat|show|output|share|say)\b[^.]{0,60}?\b"
            rf"(?:(?:these|your|hidden|above|initial|system) (?:{_TOLD}|rules)\b"
            rf"|(?:this|the) prompt\b|to the user\b|that you are an? {_MODEL}\b))",
        ),
        (
            INSTRUCTION,
            rf"{_IMPERATIVE}(?:reveal|print|output|repeat|show|display|leak)\s(?:\w+\s){{0,3}}?"
            rf"(?:your|hidden|system|initial) (?:\w+ ){{0,2}}?{_TOLD}\b",
        ),
        (INSTRUCTION, r"\b(?:no matter|regardless of) what the user (?:asks|says|wants|writes)\b"),
        (
            INSTRUCTION,
            r"\b(?:begin|end|start) (?:of )?(?:new |system |hidden )?(?:prompt|instructions)\b(?=[\s:\]>*#-]*$|:)",
        ),
        (LINK, r"!\[[^\]]{0,300}\]\(\s?<?(?:https?:)?//[^)\s]{0,500}"),
        (LINK, r"\bjavascript:\s?\w[^\s]{0,200}|\bvbscript:\s?\w[^\s]{0,200}"),
        (LINK, r"\bdata:(?:text|image|application|audio|video)/[a-z0-9.+-]{1,60}[;,]"),
    )
)
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
# One of these between words is a line-break hint or comes with a pasted phone number; here it hides or turns text.
_HIDING = re.compile(
    "(?P<split>[A-Za-z0-9][\u200b-\u200d\u2060-\u2064\ufeff]{1,200}(?=[A-Za-z0-9]))"
    "|(?P<run>[\u200b-\u200d\u2060-\u2064\ufeff]{4,200}|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,200})"
    "|(?P<turned>[\u202b\u202d\u202e\u2067])"
    "|(?P<tags>[\U000e0001\U000e0020-\U000e007f]{1,200})"
)
_HIDES = {
    "split": "a word is split by zero-width characters",
    "run": "a run of characters without width",
    "turned": "the direction of reading is overridden",
}
_BASE64 = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")
LEAST_ENCODED = 200


def flags(text: str, where: str) -> tuple[Flag, ...]:
    """What is odd in one paragraph, each kind and reason once."""
    return tuple(dict.fromkeys((*_unseen(text, where), *_written(visible(text), where))))


def visible(text: str) -> str:
    """The text without characters that print nothing: what a person sees. White space around it is cut."""
    return _CONTROL.sub(" ", _UNSEEN.sub("", text)).strip()


def _unseen(text: str, where: str) -> Iterator[Flag]:
    for match in _HIDING.finditer(text):
        said = _HIDES.get(match.lastgroup or "")
        # Tag characters spell ASCII that no screen shows.
        yield Flag(UNSEEN, where, said or "".join(chr(ord(one) - 0xE0000) for one in match[0] if one > "\U000e001f"))


def _written(text: str, where: str) -> Iterator[Flag]:
    plain = normalised(text)
    for kind, pattern in _PATTERNS:
        if match := pattern.search(plain):
            yield Flag(kind, where, plain[match.start() :].lstrip(" .:;!?"))
    # Lines of base64 are broken at 64 or 76 characters; long paths and names have no digits or one case only.
    runs = [run for run in _BASE64.findall(plain) if re.search("[a-z]", run) and re.search("[A-Z]", run)]
    if sum(map(len, runs)) >= LEAST_ENCODED and any(re.search(r"\d", run) for run in runs):
        yield Flag(ENCODED, where, runs[0])
