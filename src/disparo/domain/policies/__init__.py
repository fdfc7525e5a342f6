"""Rules as pure functions: each answers with a decision and its reason, so that what decides also explains."""
