"""`python -m disparo.simulation`."""

from disparo.simulation.run import main

raise SystemExit(main())
