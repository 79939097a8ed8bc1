-- The words that the code knows. Not yet for the row that is there: it holds the default.

alter table settings add constraint settings_agents_see_words check (agents_see in ('own', 'team', 'all')) not valid;
