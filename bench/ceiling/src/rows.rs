//! Rows as JSON, each value as its column's type says.

use anyhow::Result;
use chrono::{DateTime, Utc};
use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap},
};
use sqlx::{Column, Decode, Postgres, Row, Type, TypeInfo, postgres::PgRow};
use uuid::Uuid;

struct Shown<'r>(&'r PgRow);

/// A list of objects.
pub fn json(rows: &[PgRow]) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(&rows.iter().map(Shown).collect::<Vec<_>>())?)
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_map(Some(self.0.len()))?;
        for column in self.0.columns() {
            let place = (column.name(), column.ordinal());
            match column.type_info().name() {
                "BOOL" => entry::<bool, S>(&mut object, self.0, place)?,
                "INT4" => entry::<i32, S>(&mut object, self.0, place)?,
                "INT8" => entry::<i64, S>(&mut object, self.0, place)?,
                "INT8[]" => entry::<Vec<i64>, S>(&mut object, self.0, place)?,
                "FLOAT8" => entry::<f64, S>(&mut object, self.0, place)?,
                "JSONB" => entry::<serde_json::Value, S>(&mut object, self.0, place)?,
                "TEXT[]" => entry::<Vec<Option<String>>, S>(&mut object, self.0, place)?,
                "TIMESTAMPTZ" => entry::<DateTime<Utc>, S>(&mut object, self.0, place)?,
                "TIMESTAMPTZ[]" => entry::<Vec<DateTime<Utc>>, S>(&mut object, self.0, place)?,
                "UUID" => entry::<Uuid, S>(&mut object, self.0, place)?,
                "VOID" => object.serialize_entry(place.0, &())?,
                _ => entry::<&str, S>(&mut object, self.0, place)?,
            }
        }
        object.end()
    }
}

fn entry<'r, T, S>(object: &mut S::SerializeMap, row: &'r PgRow, (name, at): (&str, usize)) -> Result<(), S::Error>
where
    T: Serialize + Type<Postgres> + Decode<'r, Postgres>,
    S: Serializer,
{
    let value: Option<T> = row.try_get(at).map_err(S::Error::custom)?;
    object.serialize_entry(name, &value)
}
