-- Since when a customer waits for an answer: the first of their words that no agent has answered in public; '9999-12-31' where
-- nobody waits. Empty where nobody has looked yet: in tickets from before, and from a release that knows nothing of it.
alter table support_tickets add column waiting_since timestamptz;
