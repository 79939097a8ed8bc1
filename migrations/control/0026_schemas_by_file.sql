-- Which migrations a tenant's database had when it was last looked at. The greatest number alone does not say that those before it
-- are there. Empty where a release from before has looked.

alter table tenant_schemas add column versions bigint[];
