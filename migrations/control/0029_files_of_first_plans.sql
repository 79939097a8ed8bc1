-- The plans that were there from the beginning get numbers of files, far beyond what their bytes are used for. Others stay as their
-- operators have made them.
-- signed update plans by the engineers of page 3: three rows of a table that has a hundred at most

update plans set storage_files = 20000, uploads_a_day = 2000 where code = 'free' and storage_files is null;
update plans set storage_files = 200000, uploads_a_day = 20000 where code = 'team' and storage_files is null;
update plans set storage_files = 2000000, uploads_a_day = 200000 where code = 'business' and storage_files is null;
