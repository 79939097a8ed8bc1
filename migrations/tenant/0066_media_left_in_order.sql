-- Whoever brings a file locks the person's row of `media_usage`, then the organisation's: so does what a file leaves behind.

create or replace function media_left() returns trigger
language plpgsql as $$
declare
    path text;
begin
    foreach path in array array_remove(array[old.file_path, old.preview_path], null) loop
        perform from media_objects where key = path for update;
        if not exists (select from ticket_attachments where file_path = path or preview_path = path) then
            update media_objects set state = 'leaving', touched_at = now() where key = path;
        end if;
    end loop;
    if old.deleted_at is null and old.scan_status <> 'infected' then
        update media_usage set bytes = greatest(bytes - old.file_size, 0), files = greatest(files - 1, 0)
        where user_id = old.uploaded_by;
        update media_usage set bytes = greatest(bytes - old.file_size, 0), files = greatest(files - 1, 0)
        where user_id = 0;
    end if;
    return null;
end
$$;
