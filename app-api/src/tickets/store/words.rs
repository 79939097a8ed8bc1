//! Words of the database that stand for one of a closed list, read where they are: a page of tickets has hundreds of them.

use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueRef},
};

use super::super::{clocks::Worse, model::Priority, status::Status};

macro_rules! words_of {
    ($($list:ty),+) => {$(
        impl Type<Postgres> for $list {
            fn type_info() -> PgTypeInfo {
                <&str as Type<Postgres>>::type_info()
            }

            fn compatible(of: &PgTypeInfo) -> bool {
                <&str as Type<Postgres>>::compatible(of)
            }
        }

        impl<'r> Decode<'r, Postgres> for $list {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                let word = <&str as Decode<Postgres>>::decode(value)?;
                Self::parse(word).ok_or_else(|| format!("{word:?} is none of its words").into())
            }
        }
    )+};
}

words_of!(Priority, Status, Worse);
