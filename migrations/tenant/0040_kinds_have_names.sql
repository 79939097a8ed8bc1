-- A kind of a ticket's history is a word of the code's, whichever there are (0004).
alter table ticket_history add constraint history_kind_is_a_word check (kind ~ '^[a-z_]{1,40}$') not valid;
