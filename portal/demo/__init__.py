"""One demo company's story: who works there, whom they serve, what they sold and what they learned."""
