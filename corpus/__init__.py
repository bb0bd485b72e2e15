"""The book of law: dated provisions in our own words, true without any model."""
