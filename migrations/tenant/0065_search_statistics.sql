-- What is not among the most frequent words is taken to be half as frequent as the rarest of them. Of a hundred thousand texts and more
-- that is so much that a search for words that nobody has used reads the newest texts one by one, to the last. Four times as many words
-- are known one by one: of all others few texts are expected, and the index of words is asked.
alter table search_entries alter column vector set statistics 400;
