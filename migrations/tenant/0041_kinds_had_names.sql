-- All that were written before are, too.
alter table ticket_history validate constraint history_kind_is_a_word;
