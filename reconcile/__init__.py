"""Reconcile the casualty claims of conflict monitors: name, measure and explain every disagreement."""

__version__ = "0.1.0"
