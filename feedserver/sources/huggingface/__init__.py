"""Hugging Face: answers, pages and texts of its lists of papers -> Listing. Only here are its fields known."""

from feedserver.sources.huggingface.papers import HuggingFacePapers
from feedserver.sources.huggingface.saved import looks_like_huggingface, read_saved

__all__ = ["HuggingFacePapers", "looks_like_huggingface", "read_saved"]
