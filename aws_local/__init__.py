"""AWS on one's own machine, for developers and tests: moto without its gaps, and what Lambda does around functions."""
