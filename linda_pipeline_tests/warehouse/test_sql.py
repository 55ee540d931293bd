"""`linda sql` from the database's side: what may be asked, what can be read, and that nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linda_pipeline.errors import InputMistake
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.sql import NoDatabase, QueryStopped, Reader, reading
from linda_pipeline.warehouse.statements import QueryRefused, QueryWrong, checked

FILES = ("curated/cdrs", "published/one", "kpi", "raw/cdrs", "rejected/cdrs", "held/cdrs", "accepted/cdrs", "findings")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with one Parquet file in every folder, and a database with two tables, a macro and a view over the curated."""
    lake = Lake(tmp_path_factory.mktemp("sql") / "it's a lake")
    for folder in FILES:
        (lake.root / folder).mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"cdr_id": ["A", "B"]}), lake.root / folder / "part.parquet")
    (lake.root / "curated" / "out.parquet").symlink_to(lake.root / "raw" / "cdrs" / "part.parquet")
    with duckdb.connect(str(lake.database)) as connection:
        connection.execute("CREATE TABLE kpi AS SELECT 'occupancy' AS kpi_id, range / 10 AS value FROM range(10)")
        connection.execute("CREATE TABLE evses AS SELECT 'NL*ABC*E1' AS evse_id")
        connection.execute("CREATE MACRO best(n) AS TABLE SELECT * FROM kpi ORDER BY value DESC LIMIT n")
        connection.execute(f"SET file_search_path = '{str(lake.root).replace(chr(39), chr(39) * 2)}'")
        connection.execute("CREATE VIEW cdrs AS SELECT * FROM read_parquet('curated/cdrs/*.parquet')")
    return lake


@pytest.fixture(scope="module")
def reader(lake: Lake) -> Iterator[Reader]:
    with reading(lake) as opened:
        yield opened


def tree(lake: Lake) -> list[tuple[str, int, int]]:
    """Every file and folder of a lake with its size and the moment at which it last changed."""
    places = [lake.root, *sorted(lake.root.rglob("*"))]
    return [(str(one), one.lstat().st_size, one.lstat().st_mtime_ns) for one in places]


def rows(reader: Reader, query: str) -> int:
    """How many rows all statements of a query give."""
    answers = (reader.answer(statement) for statement in reader.statements(query))
    return sum(piece.num_rows for answer in answers if answer is not None for piece in answer.pieces)


ASKED = {
    "SELECT count(*) FROM cdrs": 1,
    "FROM kpi": 10,
    "FROM kpi ORDER BY value DESC LIMIT 3": 3,
    "TABLE evses": 1,
    "VALUES (1), (2)": 2,
    "SELECT 1 UNION SELECT 2": 2,
    "WITH a AS (SELECT 1 AS x) FROM a": 1,
    "WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a WHERE n < 5) FROM a": 5,
    "DESCRIBE kpi": 2,
    "DESCRIBE SELECT 1 AS a, 2 AS b": 2,
    "SHOW DATABASES": 1,
    "SUMMARIZE kpi": 2,
    "FROM (DESCRIBE kpi)": 2,
    "EXPLAIN SELECT 1": 1,
    "EXPLAIN (FORMAT json) SELECT 1": 1,
    "EXPLAIN ANALYZE FROM kpi": 1,
    "EXPLAIN ((SELECT 1))": 1,
    "SET VARIABLE a = 5": 0,
    "SET VARIABLE é TO 'ü'; SELECT getvariable('é') -- ö": 1,
    "SET VARIABLE b = (SELECT count(*) FROM kpi); FROM range(getvariable('b'))": 10,
    "SELECT 1; SELECT 2;\n-- the end\n": 2,
    'SELECT "COPY" FROM (SELECT 1 AS "COPY")': 1,
    "SELECT 'COPY kpi TO ''x'''": 1,
    "FROM (PIVOT kpi ON kpi_id IN ('occupancy') USING sum(value))": 1,
    "FROM best(2)": 2,
    "SELECT * FROM query_table('kpi')": 10,
    "FROM duckdb_columns() WHERE table_name = 'kpi'": 2,
    "FROM '{lake}/curated/cdrs/part.parquet'": 2,
    "FROM '{lake}/published/one/*.parquet'": 2,
    "FROM read_parquet('{lake}/kpi/*.parquet')": 2,
    "FROM glob('{lake}/curated/cdrs/**')": 1,
    "FROM parquet_schema('{lake}/kpi/part.parquet')": 2,
}


@pytest.mark.parametrize("query", ASKED)
def test_what_only_asks_is_answered_and_writes_nothing(query: str, lake: Lake, reader: Reader) -> None:
    before = tree(lake)
    assert rows(reader, query.format(lake=str(lake.root).replace("'", "''"))) == ASKED[query]
    assert tree(lake) == before


REFUSED = [
    "COPY kpi TO '{lake}/kpi/x.csv'",
    "COPY (SELECT 1) TO '{lake}/kpi/x.parquet' (FORMAT parquet)",
    "COPY kpi FROM '{lake}/kpi/part.parquet'",
    "EXPLAIN ANALYZE COPY kpi TO '{lake}/kpi/x.csv'",
    "EXPLAIN (ANALYZE) COPY kpi TO '{lake}/kpi/x.csv'",
    "EXPLAIN (ANALYZE, FORMAT json) COPY kpi TO '{lake}/kpi/x.csv'",
    "EXPLAIN /* SELECT 1 */ ANALYZE -- SELECT\n COPY kpi TO '{lake}/kpi/x.csv'",
    "EXPLAIN COPY kpi TO '{lake}/kpi/x.csv'",
    "EXPLAIN ANALYZE CREATE TEMP TABLE t AS FROM kpi",
    "WITH x AS (COPY kpi TO '{lake}/kpi/x.csv') SELECT 1",
    "WITH x AS NOT MATERIALIZED (COPY kpi TO '{lake}/kpi/x.csv') SELECT 1 LIMIT 0",
    "EXPLAIN ANALYZE WITH x AS (COPY kpi TO '{lake}/kpi/x.csv') SELECT 1",
    "WITH x AS (INSERT INTO kpi FROM kpi RETURNING *) FROM x",
    "WITH x AS (DELETE FROM kpi RETURNING *) FROM x",
    "WITH x AS (UPDATE kpi SET value = 0 RETURNING *) FROM x",
    "FROM query('WITH x AS (COPY kpi TO ''{lake}/kpi/x.csv'') SELECT 1')",
    "FROM query('FROM ' || 'kpi')",
    "FROM json_execute_serialized_sql(json_serialize_sql('WITH x AS (COPY kpi TO ''{lake}/kpi/x.csv'') SELECT 1'))",
    "FROM system.main.\"JSON_Execute_Serialized_SQL\"(json_serialize_sql('SELECT 1'))",
    "SELECT (SELECT count(*) FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1')))",
    "SET VARIABLE a = (SELECT count(*) FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1')))",
    "FROM checkpoint()",
    "SELECT 1 WHERE EXISTS (FROM force_checkpoint('linda'))",
    "FROM enable_logging('QueryLog', storage = 'file')",
    "FROM enable_profiling()",
    "FROM create_external_resource('x')",
    "FROM register_external_resource_type('x', 'y')",
    "FROM python_map_function(1)",
    "FROM read_duckdb('{lake}/linda.duckdb', table_name = 'kpi')",
    "INSERT INTO kpi VALUES ('x', 1)",
    "UPDATE kpi SET value = 0",
    "DELETE FROM kpi",
    "TRUNCATE kpi",
    "MERGE INTO kpi USING evses ON true WHEN MATCHED THEN DELETE",
    "CREATE TABLE t AS SELECT 1",
    "CREATE TEMP TABLE t AS SELECT 1",
    "CREATE TEMP VIEW kpi AS SELECT 1",
    "CREATE OR REPLACE TEMP MACRO best(n) AS TABLE FROM checkpoint()",
    "CREATE SECRET s (TYPE s3)",
    "DROP TABLE kpi",
    "ALTER TABLE kpi ADD COLUMN x INTEGER",
    "COMMENT ON TABLE kpi IS 'x'",
    "PIVOT kpi ON kpi_id",
    "ATTACH '{lake}/kpi/x.duckdb'",
    "ATTACH ':memory:' AS m",
    "DETACH linda",
    "COPY FROM DATABASE linda TO temp",
    "EXPORT DATABASE '{lake}/kpi/x'",
    "IMPORT DATABASE '{lake}/kpi'",
    "INSTALL httpfs",
    "LOAD json",
    "UPDATE EXTENSIONS",
    "SET threads = 1",
    "SET GLOBAL lock_configuration = false",
    "SET variable = 1",
    "RESET lock_configuration",
    "SET search_path = 'temp'",
    "USE temp",
    "PRAGMA enable_profiling",
    "PRAGMA profiling_output = '{lake}/kpi/x.json'",
    "PRAGMA database_list",
    "CALL duckdb_settings()",
    "CHECKPOINT",
    "VACUUM",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "SELECT 1; SELECT 2; COPY kpi TO '{lake}/kpi/x.csv'",
]


@pytest.mark.parametrize("query", REFUSED)
def test_what_does_more_than_ask_is_refused_before_anything_runs(query: str, lake: Lake, reader: Reader) -> None:
    before = tree(lake)
    with pytest.raises(QueryRefused):
        rows(reader, query.format(lake=str(lake.root).replace("'", "''")))
    assert tree(lake) == before


SHUT = [
    "FROM '{lake}/raw/cdrs/part.parquet'",
    "FROM read_parquet('{lake}/rejected/cdrs/*.parquet')",
    "FROM read_parquet('{lake}/held/**/*.parquet')",
    "FROM read_parquet('{lake}/accepted/cdrs/part.parquet')",
    "FROM read_parquet('{lake}/findings/part.parquet')",
    "FROM read_parquet('{lake}/kpi/../raw/cdrs/part.parquet')",
    "FROM read_parquet(['{lake}/kpi/part.parquet', '{lake}/raw/cdrs/part.parquet'])",
    "FROM read_parquet('{lake}/curated/out.parquet')",
    "FROM glob('{lake}/*')",
    "FROM glob('{lake}/raw/**')",
    "FROM glob('/etc/*')",
    "FROM read_text('/etc/hostname')",
    "FROM read_blob('/etc/hostname')",
    "FROM read_csv('/etc/hostname')",
    "FROM sniff_csv('/etc/hostname')",
    "FROM read_json_objects('/etc/hostname')",
    "FROM parquet_metadata('{lake}/rejected/cdrs/part.parquet')",
    "FROM 'http://127.0.0.1:9/x.csv'",
    "FROM 's3://bucket/x.parquet'",
    "SET VARIABLE a = (SELECT count(*) FROM read_text('/etc/hostname'))",
    "EXPLAIN ANALYZE FROM read_text('/etc/hostname')",
    "SELECT 1 WHERE EXISTS (FROM read_text('/etc/hostname'))",
    "SUMMARIZE '{lake}/raw/cdrs/part.parquet'",
    "DESCRIBE FROM '{lake}/raw/cdrs/part.parquet'",
    "FROM duckdb_secrets()",
    "SELECT getenv('HOME')",
    "SELECT pi_with_python_object, reader FROM pi_with_python_object, reader",
]


@pytest.mark.parametrize("query", SHUT)
def test_no_other_file_no_network_and_no_python_object_is_read(query: str, lake: Lake, reader: Reader) -> None:
    pi_with_python_object = pa.table({"a": [1]})
    before = tree(lake)
    with pytest.raises((QueryWrong, QueryRefused)):
        rows(reader, query.format(lake=str(lake.root).replace("'", "''")))
    assert tree(lake) == before
    assert pi_with_python_object.num_rows == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM kpis", 'Did you mean "kpi"?'),
        ("SELECT valeu FROM kpi", '"value"'),
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT 'half", "unterminated"),
        ("SELECT ?", "parameters"),
        ("SELECT 'a'::INTEGER", "Could not convert"),
        ("SELECT sqroot(4)", "Did you mean"),
        ("FROM '{lake}/kpi/none.parquet'", "No files found"),
        ("SELECT error('boom') FROM range(100000)", "boom"),
        ("FROM read_text('/etc/hostname')", "linda.duckdb and the lake's folders curated, published, kpi"),
        ("SELECT " + "abs(" * 900 + "1" + ")" * 900, "nested too deeply"),
        ("SELECT '\ud800'", "UTF-8"),
        ("UPDATE EXTENSIONS", "only SELECT, EXPLAIN, DESCRIBE, SHOW, SUMMARIZE and SET VARIABLE"),
        ("PIVOT kpi ON kpi_id", "FROM (PIVOT kpi ON"),
    ],
)
def test_a_mistake_is_told_in_duckdbs_own_words_and_is_the_askers(
    query: str, said: str, lake: Lake, reader: Reader
) -> None:
    with pytest.raises(InputMistake) as raised:
        rows(reader, query.format(lake=str(lake.root).replace("'", "''")))
    assert said in str(raised.value)
    assert "Python" not in str(raised.value)


def test_after_a_mistake_the_next_question_is_answered(reader: Reader) -> None:
    with pytest.raises(QueryWrong):
        rows(reader, "SELECT error('boom') FROM range(100000)")
    assert rows(reader, "FROM kpi") == 10


def test_a_query_that_is_stopped_leaves_the_database_to_the_next(reader: Reader) -> None:
    import threading

    stop = threading.Timer(0.3, reader.stop)
    stop.start()
    with pytest.raises(QueryStopped):
        rows(reader, "SELECT count(*) FROM range(10000000) a, range(1000000) b WHERE a.range % 7 = b.range % 3")
    stop.join()
    assert rows(reader, "FROM kpi") == 10


@pytest.mark.parametrize("below", ["curated/cdrs", "published/000012/curated/cdrs"])
@pytest.mark.parametrize("named", ["{lake}/", ""])
@pytest.mark.parametrize(("was", "here"), [("o'ne", "t'wo"), ("published/one", "my curated/what [2]*")])
def test_a_lake_that_was_moved_is_read_where_it_is(tmp_path: Path, below: str, named: str, was: str, here: str) -> None:
    before, lake = tmp_path / was, Lake(tmp_path / here)
    (lake.root / below).mkdir(parents=True)
    pq.write_table(pa.table({"cdr_id": ["A", "B"]}), lake.root / below / "part.parquet")
    (before / below).mkdir(parents=True)
    pq.write_table(pa.table({"cdr_id": ["another"]}), before / below / "part.parquet")
    path = (named.format(lake=before) + below + "/*.parquet").replace("'", "''")
    with duckdb.connect(str(lake.database)) as connection:
        connection.execute("SET file_search_path = '" + str(before).replace("'", "''") + "'")
        connection.execute(f"CREATE VIEW cdrs AS SELECT cdr_id AS \"cdr AS id\" FROM read_parquet('{path}')")
    with reading(lake) as opened:
        assert rows(opened, "FROM cdrs") == 2
        with pytest.raises(QueryWrong, match="Cannot access"):
            rows(opened, f"FROM '{str(before).replace(chr(39), chr(39) * 2)}/{below}/part.parquet'")


def test_no_text_at_all_is_no_statement() -> None:
    assert checked(" ;; -- nothing\n") == []


def test_a_lake_without_a_database_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NoDatabase, match="Run linda run or linda demo first"), reading(Lake(tmp_path)):
        pass


def test_a_database_that_is_broken_is_named_with_what_makes_it_anew(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.database.write_bytes(b"not a database" * 1000)
    with pytest.raises(NoDatabase, match="linda run"), reading(lake):
        pass


def test_an_answer_that_is_read_in_part_leaves_the_database_to_the_next(reader: Reader) -> None:
    (statement,) = reader.statements("FROM range(1000000)")
    answer = reader.answer(statement)
    assert answer is not None
    assert next(answer.pieces).num_rows < 1_000_000
    assert rows(reader, "FROM kpi") == 10


def test_what_does_not_fit_in_memory_goes_to_a_folder_that_is_gone_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lake = Lake(tmp_path / "lake")
    duckdb.connect(str(lake.database)).close()
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(aside))
    with reading(lake) as opened:
        (folder,) = aside.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert rows(opened, f"SELECT 1 WHERE current_setting('temp_directory') = '{folder}'") == 1
    assert list(aside.iterdir()) == []
