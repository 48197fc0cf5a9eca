"""Tests of the comparisons: a package, since its modules bear names that those of other folders bear too."""
