-- no-transaction
-- Of what did not come by the web: that is most of it, which the order of time finds as fast.
create index concurrently if not exists tickets_channel on support_tickets (channel, created_at desc, id desc) where channel <> 'web';
