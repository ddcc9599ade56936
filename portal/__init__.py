"""A company's portal for the people who meet its customers: customers, experts and what has been learned."""
