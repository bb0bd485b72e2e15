"""One plan per kind of question; each turns research into a part of the draft."""
