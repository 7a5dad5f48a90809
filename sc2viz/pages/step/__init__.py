"""What Step through is made of: film, the frames; sentences, what is said of them, computed; by_hand, its second half."""
