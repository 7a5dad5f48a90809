"""Step through: step, the page; frames, what it shows; describe_steps, its sentences; adaptive_ista, its second half, whose
gates by_hand.js follows in the browser."""
