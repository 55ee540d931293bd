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
CREATE TABLE linda_register_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT linda_register_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "linda_register_version" VALUES('0001');
CREATE INDEX event_subject ON event (subject_kind, subject_id);
CREATE INDEX contact_role ON contact (role, "of");
COMMIT;
