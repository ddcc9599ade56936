"""What people might send who gain by it, through the browser: each attack, and what is right."""
