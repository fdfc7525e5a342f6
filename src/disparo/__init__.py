"""Disparo & Agenda: campaigns that keep to hours and limits, survive a kill and never message anyone twice."""

__version__ = "0.1.0"
