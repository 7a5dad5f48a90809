"""See sparse coding: every solver of SC2Net (Zhou et al., AAAI 2018) as a recurrent cell, one loop, and pages that draw it."""
