"""Step through: step, the page; frames, what it shows; describe_steps, its sentences; adaptive_ista, its second half."""
