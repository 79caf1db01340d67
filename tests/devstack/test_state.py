import base64
import stat

from medtour.devstack.state import application_secrets, locked, write_private


def test_secrets_are_made_once_and_only_the_owner_reads_them(tmp_path):
    first = application_secrets(tmp_path)
    assert application_secrets(tmp_path) == first
    assert len(first["SECRET_KEY"]) >= 64
    key_id, _, key = first["FIELD_ENCRYPTION_KEYS"].partition(":")
    assert (key_id, len(base64.b64decode(key, validate=True))) == ("dev", 32)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(base64.b64decode(first["LOOKUP_HASH_KEY"], validate=True)) == 32
    assert modes == {"secret_key": 0o600, "field_key": 0o600, "lookup_key": 0o600}


def test_a_private_file_is_replaced_and_stays_private(tmp_path):
    file = tmp_path / "secret"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_one_run_at_a_time_holds_the_folder(tmp_path):
    with locked(tmp_path) as first, locked(tmp_path) as second:
        assert (first, second) == (True, False)
    with locked(tmp_path) as again:
        assert again is True
