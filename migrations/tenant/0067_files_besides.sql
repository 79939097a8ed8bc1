-- What an organisation keeps of files that are none of tickets: those of imports. Its plan has room for both together, and whoever
-- brings one of them, holding the organisation's row of `media_usage`, asks here.

create view media_besides as
select coalesce(sum(case when i.is_over then i.received else i.file_size end), 0)::bigint as bytes
from (
    select id, file_size, received, state in ('finished', 'cancelled', 'failed') as is_over
    from imports
) i
where not i.is_over or exists (select from import_parts p where p.import_id = i.id);
