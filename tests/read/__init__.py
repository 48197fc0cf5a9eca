"""Tests of reading: a package, since its modules may bear names that those of other folders bear too."""
