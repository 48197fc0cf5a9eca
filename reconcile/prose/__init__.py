"""Prose: articles in, drafts of claims out, each with the sentence it was read from."""
