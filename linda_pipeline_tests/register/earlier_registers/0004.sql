BEGIN TRANSACTION;
CREATE TABLE contact (
	id INTEGER NOT NULL,
	role VARCHAR(40) NOT NULL,
	"of" VARCHAR(100) NOT NULL,
	name VARCHAR(200) NOT NULL,
	address VARCHAR(320) NOT NULL,
	language VARCHAR(2) NOT NULL,
	valid_from DATE NOT NULL,
	valid_until DATE,
	PRIMARY KEY (id)
);
INSERT INTO "contact" VALUES(1,'quality','NL-ABC','Kwaliteitsdesk','data@example.nl','nl','2026-01-01',NULL);
INSERT INTO "contact" VALUES(2,'region','Zuid','Anne Voorbeeld','anne@example.nl','nl','2026-01-01','2026-06-30');
INSERT INTO "contact" VALUES(3,'data-team','','Datateam','linda@example.nl','en','2026-03-01',NULL);
CREATE TABLE document (
	"key" VARCHAR(100) NOT NULL,
	kind VARCHAR(40) NOT NULL,
	file_name VARCHAR(255) NOT NULL,
	media_type VARCHAR(100) NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	content BLOB NOT NULL,
	received_at DATETIME NOT NULL,
	details JSON NOT NULL,
	PRIMARY KEY ("key")
);
INSERT INTO "document" VALUES('LINDA-2026-014','signed_permission','toestemming.pdf','application/pdf','6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b',X'255044462D312E372000FF','2026-11-26 12:00:00.000000','{"region": "Zuid"}');
CREATE TABLE event (
	id INTEGER NOT NULL,
	at DATETIME NOT NULL,
	actor VARCHAR(200) NOT NULL,
	action VARCHAR(60) NOT NULL,
	subject_kind VARCHAR(40) NOT NULL,
	subject_id VARCHAR(200) NOT NULL,
	why TEXT,
	details JSON NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "event" VALUES(1,'2026-11-26 12:00:00.000000','anna','added','contact','1','eerste vulling','{"role": "quality", "of": "NL-ABC"}');
INSERT INTO "event" VALUES(2,'2026-11-26 12:00:00.000000','anna','added','contact','2',NULL,'{"role": "region", "of": "Zuid"}');
INSERT INTO "event" VALUES(3,'2026-11-26 12:00:00.000000','anna','added','contact','3',NULL,'{"role": "data-team", "of": ""}');
INSERT INTO "event" VALUES(4,'2026-11-26 12:00:00.000000','anna','ended','contact','2','andere baan','{"valid_until": "2026-06-30"}');
INSERT INTO "event" VALUES(5,'2026-11-23 03:10:00.000000','portal','opened','case','1',NULL,'{"delivery_id": "cdrs/NL-ABC/2026-11-09", "due_date": "2026-12-21", "rules": ["total_time_matches", "total_time_not_negative"]}');
INSERT INTO "event" VALUES(6,'2026-11-23 03:10:00.000000','portal','opened','case','2',NULL,'{"delivery_id": "cdrs/NL-ABC/2026-11-09", "due_date": "2026-12-21", "rules": ["total_time_matches", "total_time_not_negative"]}');
INSERT INTO "event" VALUES(7,'2026-11-23 03:10:00.000000','portal','opened','case','3',NULL,'{"delivery_id": "cdrs/NL-ABC/2026-11-09", "due_date": "2026-12-21", "rules": ["cdr_id_required"]}');
INSERT INTO "event" VALUES(8,'2026-12-07 03:10:00.000000','portal','corrected','case','2',NULL,'{"delivery_id": "cdrs/NL-ABC/2026-11-23", "closed_by": "cdrs/NL-ABC/2026-11-23"}');
INSERT INTO "event" VALUES(9,'2026-12-07 03:10:00.000000','portal','corrected','case','3',NULL,'{"delivery_id": "cdrs/NL-ABC/2026-11-23", "closed_by": "cdrs/NL-ABC/2026-11-23"}');
INSERT INTO "event" VALUES(10,'2026-12-21 03:10:00.000000','portal','opened','case','4',NULL,'{"delivery_id": "cdrs/NL-ABC/2026-12-07", "due_date": "2027-01-18", "rules": ["total_time_matches", "total_time_not_negative", "unchanged_since_accepted"], "previous": 2}');
INSERT INTO "event" VALUES(11,'2027-01-02 03:00:00.000000','portal','overdue','case','1',NULL,'{"due_date": "2026-12-21"}');
CREATE TABLE linda_register_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT linda_register_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "linda_register_version" VALUES('0004');
CREATE TABLE location_report (
	id INTEGER NOT NULL,
	cpo VARCHAR(20) NOT NULL,
	location_id VARCHAR(64) NOT NULL,
	evse_id VARCHAR(64),
	wrong TEXT NOT NULL,
	reporter_role VARCHAR(40) NOT NULL,
	reporter_address VARCHAR(320),
	found_latitude FLOAT,
	found_longitude FLOAT,
	found_address VARCHAR(300),
	proposed_latitude FLOAT,
	proposed_longitude FLOAT,
	proposed_address VARCHAR(300),
	state VARCHAR(20) NOT NULL,
	reported_at DATETIME NOT NULL,
	verified_at DATETIME,
	due_date DATE,
	ended_at DATETIME,
	closed_by VARCHAR(100),
	was_overdue BOOLEAN NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE mail (
	id INTEGER NOT NULL,
	"key" VARCHAR(500) NOT NULL,
	message_id VARCHAR(200) NOT NULL,
	kind VARCHAR(40) NOT NULL,
	"of" VARCHAR(100) NOT NULL,
	receiver VARCHAR(320) NOT NULL,
	subject VARCHAR(300) NOT NULL,
	message BLOB NOT NULL,
	written_at DATETIME NOT NULL,
	waiting_since DATETIME NOT NULL,
	state VARCHAR(20) NOT NULL,
	tries INTEGER NOT NULL,
	next_try_at DATETIME NOT NULL,
	taken_until DATETIME,
	ended_at DATETIME,
	answer TEXT,
	PRIMARY KEY (id),
	UNIQUE ("key"),
	UNIQUE (message_id)
);
CREATE TABLE redelivery_case (
	id INTEGER NOT NULL,
	cpo VARCHAR(20) NOT NULL,
	module VARCHAR(20) NOT NULL,
	object VARCHAR(20) NOT NULL,
	identity TEXT NOT NULL,
	record_id TEXT,
	records INTEGER NOT NULL,
	rules TEXT NOT NULL,
	nal_region VARCHAR(20),
	state VARCHAR(12) NOT NULL,
	first_seen DATETIME NOT NULL,
	due_date DATE,
	delivery_id VARCHAR(80) NOT NULL,
	last_window DATE NOT NULL,
	last_pull VARCHAR(40) NOT NULL,
	closed_on DATE,
	closed_by VARCHAR(80),
	closed_window DATE,
	previous_id INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(previous_id) REFERENCES redelivery_case (id)
);
INSERT INTO "redelivery_case" VALUES(1,'NL-ABC','cdrs','cdr','NL|ABC|CDR-000001','CDR-000001',1,' total_time_matches total_time_not_negative ',NULL,'overdue','2026-11-23 03:00:00.000000','2026-12-21','cdrs/NL-ABC/2026-11-09','2026-11-09','20261123T030000Z',NULL,NULL,NULL,NULL);
INSERT INTO "redelivery_case" VALUES(2,'NL-ABC','cdrs','cdr','NL|ABC|CDR-000002','CDR-000002',1,' total_time_matches total_time_not_negative ',NULL,'corrected','2026-11-23 03:00:00.000000','2026-12-21','cdrs/NL-ABC/2026-11-09','2026-11-09','20261123T030000Z','2026-12-07','cdrs/NL-ABC/2026-11-23','2026-11-23',NULL);
INSERT INTO "redelivery_case" VALUES(3,'NL-ABC','cdrs','cdr','§ 2026-11-09 cdr.cdr_id_required',NULL,1,' cdr_id_required ',NULL,'corrected','2026-11-23 03:00:00.000000','2026-12-21','cdrs/NL-ABC/2026-11-09','2026-11-09','20261123T030000Z','2026-12-07','cdrs/NL-ABC/2026-11-23','2026-11-23',NULL);
INSERT INTO "redelivery_case" VALUES(4,'NL-ABC','cdrs','cdr','NL|ABC|CDR-000002','CDR-000002',1,' total_time_matches total_time_not_negative unchanged_since_accepted ',NULL,'open','2026-12-21 03:00:00.000000','2027-01-18','cdrs/NL-ABC/2026-12-07','2026-12-07','20261221T030000Z',NULL,NULL,NULL,2);
CREATE TABLE taken_in (
	delivery_id VARCHAR(80) NOT NULL,
	cpo VARCHAR(20) NOT NULL,
	module VARCHAR(20) NOT NULL,
	window DATE NOT NULL,
	judgement VARCHAR(64) NOT NULL,
	pull VARCHAR(40) NOT NULL,
	at DATETIME NOT NULL,
	PRIMARY KEY (delivery_id)
);
INSERT INTO "taken_in" VALUES('cdrs/NL-ABC/2026-11-09','NL-ABC','cdrs','2026-11-09','73820b735d247759b23a661bf55c1e391a5c9242102c28b0d591fab2b81a9684','20261123T030000Z','2026-11-23 03:10:00.000000');
INSERT INTO "taken_in" VALUES('cdrs/NL-ABC/2026-11-23','NL-ABC','cdrs','2026-11-23','920432084b7a2029977c87cb58e89aae0b0714c3497d3c059523739229b813f5','20261207T030000Z','2026-12-07 03:10:00.000000');
INSERT INTO "taken_in" VALUES('cdrs/NL-ABC/2026-12-07','NL-ABC','cdrs','2026-12-07','636b4b20b798802afda1fd7aaf0af38b434f1d0d8f8c20b62509c2e298259f6c','20261221T030000Z','2026-12-21 03:10:00.000000');
CREATE INDEX event_subject ON event (subject_kind, subject_id);
CREATE INDEX contact_role ON contact (role, "of");
CREATE INDEX mail_waiting ON mail (state, next_try_at);
CREATE INDEX location_report_open ON location_report (state, cpo);
CREATE INDEX redelivery_case_identity ON redelivery_case (cpo, module, identity);
CREATE INDEX redelivery_case_state ON redelivery_case (cpo, module, state);
CREATE INDEX redelivery_case_due ON redelivery_case (state, due_date);
CREATE INDEX redelivery_case_delivery ON redelivery_case (delivery_id);
COMMIT;
