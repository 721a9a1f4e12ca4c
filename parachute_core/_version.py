"""The version of every distribution in this repository; the build reads it from here."""

__version__ = "0.1.0"
