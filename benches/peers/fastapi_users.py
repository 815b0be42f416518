"""Reading a user by id the way most people write it today: FastAPI, an ORM session for each request, a response model.

What it is: the plainest honest design, for a figure to compare with. SQLAlchemy's ORM over PyMySQL, a pool of connections,
a dependency that gives a session and one that checks the token with PyJWT, `def` handlers on FastAPI's threads, one process
for each core. uvicorn has uvloop and httptools.

What it is not: a service. It reads one user and nothing else: no permissions, no limits, no audit trail, no ETag, no error
answers. Nor is it the fastest that Python can be: an async driver, SQL by hand or another serializer would each help it.

    DATABASE_URL=mysql://root@127.0.0.1:3306/users JWT_SECRET=… uvicorn fastapi_users:app --workers 2
"""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, LargeBinary, String, Text, create_engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine(
    os.environ["DATABASE_URL"].replace("mysql://", "mysql+pymysql://", 1), pool_size=8, max_overflow=8
)
SessionLocal = sessionmaker(engine)
secret = os.environ["JWT_SECRET"]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    uuid: Mapped[bytes] = mapped_column(LargeBinary(16))
    username: Mapped[str] = mapped_column(String(50))
    email: Mapped[str] = mapped_column(String(254))
    full_name: Mapped[str | None] = mapped_column(String(100))
    first_name: Mapped[str | None] = mapped_column(String(100))
    last_name: Mapped[str | None] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16))
    is_active: Mapped[bool]
    email_verified_at: Mapped[datetime | None]
    external_id: Mapped[bytes | None]
    locale: Mapped[str | None] = mapped_column(String(35))
    user_metadata: Mapped[str] = mapped_column(Text)
    app_metadata: Mapped[str] = mapped_column(Text)
    suspended_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    uuid: UUID
    username: str
    email: str
    full_name: str | None
    first_name: str | None
    last_name: str | None
    role: str
    is_active: bool
    email_verified_at: datetime | None
    locale: str | None
    suspended_until: datetime | None
    created_at: datetime
    updated_at: datetime


def session() -> Iterator[Session]:
    with SessionLocal() as opened:
        yield opened


def caller(shown: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> dict:
    try:
        return jwt.decode(shown.credentials, secret, algorithms=["HS256"], audience="usermgmt", issuer="usermgmt")
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "the token is not valid") from error


app = FastAPI()


@app.get("/ready")
def ready(db: Annotated[Session, Depends(session)]) -> dict:
    db.execute(text("SELECT 1"))
    return {"status": "ready"}


@app.get("/api/v1/users/{user_id}", response_model=UserOut)
def read_user(
    user_id: int, db: Annotated[Session, Depends(session)], _: Annotated[dict, Depends(caller)]
) -> User:
    user = db.get(User, user_id)
    if user is None or user.deleted_at is not None:
        raise HTTPException(404, "no such user")
    return user
