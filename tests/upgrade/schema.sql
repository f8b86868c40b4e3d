CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE api_keys (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	may_write BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_api_keys PRIMARY KEY (id), 
	CONSTRAINT uq_api_keys_name UNIQUE (name)
);
CREATE TABLE connections (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	mode VARCHAR(32), 
	baseline BIGINT, 
	last_started DATETIME, 
	last_finished DATETIME, 
	last_success DATETIME, 
	last_outcome VARCHAR(32), 
	last_error_kind VARCHAR(32), 
	last_error TEXT, failures INTEGER DEFAULT '0' NOT NULL, retry_at DATETIME, 
	CONSTRAINT uq_connections_name UNIQUE (name)
);
CREATE TABLE history (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	connection TEXT NOT NULL, 
	media_id BIGINT NOT NULL, 
	arr_id BIGINT NOT NULL, 
	title TEXT NOT NULL, 
	event VARCHAR(32) NOT NULL, 
	detail JSON NOT NULL, 
	refresh_id BIGINT, 
	CONSTRAINT pk_history PRIMARY KEY (id)
);
CREATE TABLE media (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id BIGINT NOT NULL, 
	arr_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	title TEXT NOT NULL, 
	year INTEGER, 
	external_ids JSON NOT NULL, 
	remote_path TEXT NOT NULL, 
	local_path TEXT, 
	main_file TEXT, 
	youtube_trailer_id TEXT, 
	monitored_remotely BOOLEAN NOT NULL, 
	trailer VARCHAR(32) NOT NULL, 
	trailer_file TEXT, 
	intent BOOLEAN, 
	intent_at DATETIME, 
	monitored BOOLEAN NOT NULL, 
	monitor_reason VARCHAR(32) NOT NULL, 
	fingerprint BLOB NOT NULL, 
	first_refresh BIGINT NOT NULL, 
	first_seen DATETIME NOT NULL, 
	last_changed DATETIME NOT NULL, 
	removed_at DATETIME, 
	claimed_by TEXT, 
	claimed_until DATETIME, held_at DATETIME, folder BIGINT, identity_mark BIGINT, trailer_mark BIGINT, signature BLOB, intent_by TEXT, 
	CONSTRAINT fk_media_connection_id_connections FOREIGN KEY(connection_id) REFERENCES connections (id)
);
CREATE TABLE quarantine (
	id INTEGER NOT NULL, 
	connection_id BIGINT NOT NULL, 
	at DATETIME NOT NULL, 
	position BIGINT NOT NULL, 
	arr_id TEXT, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_quarantine PRIMARY KEY (id), 
	CONSTRAINT fk_quarantine_connection_id_connections FOREIGN KEY(connection_id) REFERENCES connections (id)
);
CREATE TABLE refreshes (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id BIGINT NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	outcome VARCHAR(32), 
	fetched INTEGER, 
	added INTEGER, 
	updated INTEGER, 
	unchanged INTEGER, 
	removed INTEGER, 
	restored INTEGER, 
	held INTEGER, 
	quarantined INTEGER, 
	trailers_present INTEGER, 
	trailers_absent INTEGER, 
	trailers_unknown INTEGER, 
	monitored INTEGER, 
	error_kind VARCHAR(32), 
	error_message TEXT, items INTEGER, 
	CONSTRAINT fk_refreshes_connection_id_connections FOREIGN KEY(connection_id) REFERENCES connections (id)
);
CREATE TABLE roots (
	id INTEGER NOT NULL, 
	connection_id BIGINT NOT NULL, 
	path TEXT NOT NULL, 
	state TEXT NOT NULL, 
	mark BIGINT, 
	checked_at DATETIME NOT NULL, 
	CONSTRAINT pk_roots PRIMARY KEY (id), 
	CONSTRAINT fk_roots_connection_id_connections FOREIGN KEY(connection_id) REFERENCES connections (id)
);
CREATE TABLE webhooks (
	id INTEGER NOT NULL, 
	connection TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_webhooks PRIMARY KEY (id), 
	CONSTRAINT uq_webhooks_connection UNIQUE (connection)
);
CREATE INDEX ix_refreshes_connection_id ON refreshes (connection_id);
CREATE INDEX ix_media_connection_id_arr_id ON media (connection_id, arr_id);
CREATE INDEX ix_history_media_id ON history (media_id);
CREATE UNIQUE INDEX uq_media_living ON media (connection_id, arr_id) WHERE removed_at IS NULL AND held_at IS NULL;
CREATE INDEX ix_quarantine_connection_id ON quarantine (connection_id);
CREATE INDEX ix_roots_connection_id ON roots (connection_id);
