BEGIN TRANSACTION;
CREATE TABLE activation_maps (
	study_id INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	scores JSON NOT NULL, 
	picture BLOB NOT NULL, 
	CONSTRAINT pk_activation_maps PRIMARY KEY (study_id), 
	CONSTRAINT fk_activation_maps_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	study VARCHAR, 
	detail VARCHAR, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE TABLE choice (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	after_trials INTEGER NOT NULL, 
	method VARCHAR NOT NULL, 
	alpha DOUBLE NOT NULL, 
	beta DOUBLE NOT NULL, 
	gamma DOUBLE NOT NULL, 
	shares JSON NOT NULL, 
	accuracy DOUBLE NOT NULL, 
	result JSON NOT NULL, portrait JSON, 
	CONSTRAINT pk_choice PRIMARY KEY (id), 
	CONSTRAINT fk_choice_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
INSERT INTO "choice" VALUES(1,1,'2026-11-26 09:10:01.995920',3,'best mean',2.12550000000000283151e+00,1.0,1.0,'[1.0, 0.0, 0.0]',0.140625,'{"alpha": 2.125500000000003, "beta": 1.0, "gamma": 1.0, "product": 2.125500000000003, "shares": [1.0, 0.0, 0.0], "key": "d1900-w1000-r8-b4961d", "accuracy": 0.140625, "accuracy_interval": [0.134045, 0.147205], "method": "best mean", "runs": 3, "networks": 3, "seed_noise": null, "network_effect": null, "expected_regret": null, "tie_region": [{"key": "d1900-w1000-r8-b4961d", "shares": [1.0, 0.0, 0.0]}, {"key": "d1150-w1200-r8-360680", "shares": [0.3303658941748115, 0.6696341058251885, 0.0]}, {"key": "d1150-w1000-r9-a46e53", "shares": [0.32721968788371236, 0.0, 0.6727803121162876]}], "tie_fraction": 1.0, "probability_better_than": {}, "verdict": "only 3 networks have run, too few for a surface (8 are needed): this is the best observed mean, which is optimistic, and nothing can be ruled out", "optima": [], "cross_check": null, "lack_of_fit": null, "movement": null, "warnings": [], "intervals": null, "network": {"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 8, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1900, "width": 1000}}, "family": {"base": "own", "rounding": "nearest", "alpha": 2.125500000000003, "beta": 1.0, "gamma": 1.0, "models": [{"name": "b0", "phi": 0.0, "depth": 1.0, "width": 1.0, "resolution": 16, "dropout": 0.2, "repeats": [1000], "channels": [1000], "params": 2538, "macs": 152144, "macs_ratio": 1.0, "target_ratio": 1.0}, {"name": "b1", "phi": 1.0, "depth": 2.076, "width": 1.0, "resolution": 16, "dropout": 0.3, "repeats": [2076], "channels": [1000], "params": 4906, "macs": 299600, "macs_ratio": 1.9691870859186034, "target_ratio": 2.0}], "network": {"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 16, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1000, "width": 1000}}}}','{"steps": null, "mean": null, "worse": null, "choice": {"name": "choice", "shares": [1.0, 0.0, 0.0], "words": "The choice: d1900-w1000-r8-b4961d, depth alone; expected accuracy 14.1%"}, "marks": [{"name": "paper and equal", "shares": [0.0, 0.34240615845903677, 0.6575938415409632], "words": "Nearest to the paper\u2019s shares: d1000-w1100-r9-31fd05, width 34% and resolution 66%\nNearest to equal shares: d1000-w1100-r9-31fd05, width 34% and resolution 66%"}, {"name": "fast", "shares": [0.3303658941748115, 0.6696341058251885, 0.0], "words": "Nearest to fast scaling\u2019s shares: d1150-w1200-r8-360680, depth 33% and width 67%\nNearest to width alone: d1150-w1200-r8-360680, depth 33% and width 67%"}, {"name": "", "shares": [1.0, 0.0, 0.0], "words": "Nearest to depth alone: d1900-w1000-r8-b4961d, depth alone"}, {"name": "", "shares": [0.32721968788371236, 0.0, 0.6727803121162876], "words": "Nearest to resolution alone: d1150-w1000-r9-a46e53, depth 33% and resolution 67%"}], "corners": ["alone: 14.1%", "at most 67%: 12.5%", "at most 67%: 7.8%"], "headline": "Best seen so far: depth alone", "title": "3 networks ran: 7.8% to 14.1%", "note": "Each point of the triangle is a way to spend the doubling: the nearer a corner, the more goes to its axis; ticks mark quarters. No surface is fitted: that takes 8 networks, and 3 ran.", "paragraphs": [["What is chosen.", "Spend each doubling of cost on depth alone. For own at 16 px that is \u03b1 = 2.126 (depth), \u03b2 = 1.000 (width), \u03b3 = 1.000 (resolution). It is the best observed mean of 3 networks (3 runs), not a fit."], ["How sure that is.", "Its accuracy in runs this short is expected to be 14.1% (90% interval 13.4% to 14.7%), which is optimistic: the best of several noisy means always is."], ["What it cannot tell apart.", "Anything: with 3 networks there is no surface, and no network is ruled out."], ["What would make it surer.", "More networks: from 8 on, a surface is fitted. <code>scaling-search extend factory --trials 5</code> adds runs."]]}');
INSERT INTO "choice" VALUES(2,1,'2026-11-26 09:10:02.549663',6,'best mean',1.30776365756307,1.31250000000000066613e+00,1.0,'[0.3303658941748115, 0.6696341058251885, 0.0]',0.125,'{"alpha": 1.30776365756307, "beta": 1.3125000000000007, "gamma": 1.0, "product": 2.2528272382238845, "shares": [0.3303658941748115, 0.6696341058251885, 0.0], "key": "d1150-w1200-r8-360680", "accuracy": 0.125, "accuracy_interval": [0.025038303081479862, 0.22496169691852014], "method": "best mean", "runs": 6, "networks": 5, "seed_noise": 6.076698900821893, "network_effect": null, "expected_regret": null, "tie_region": [{"key": "d1900-w1000-r8-b4961d", "shares": [1.0, 0.0, 0.0]}, {"key": "d1150-w1200-r8-360680", "shares": [0.3303658941748115, 0.6696341058251885, 0.0]}, {"key": "d1150-w1000-r9-a46e53", "shares": [0.32721968788371236, 0.0, 0.6727803121162876]}, {"key": "d1000-w1100-r9-31fd05", "shares": [0.0, 0.34240615845903677, 0.6575938415409632]}, {"key": "d1200-w1200-r8-0344d9", "shares": [0.3303658941748115, 0.6696341058251885, 0.0]}], "tie_fraction": 1.0, "probability_better_than": {}, "verdict": "only 5 networks have run, too few for a surface (8 are needed): this is the best observed mean, which is optimistic, and nothing can be ruled out", "optima": [], "cross_check": null, "lack_of_fit": null, "movement": null, "warnings": [], "intervals": null, "network": {"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 8, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1150, "width": 1200}}, "family": {"base": "own", "rounding": "nearest", "alpha": 1.30776365756307, "beta": 1.3125000000000007, "gamma": 1.0, "models": [{"name": "b0", "phi": 0.0, "depth": 1.0, "width": 1.0, "resolution": 16, "dropout": 0.2, "repeats": [1000], "channels": [1000], "params": 2538, "macs": 152144, "macs_ratio": 1.0, "target_ratio": 1.0}, {"name": "b1", "phi": 1.0, "depth": 1.308, "width": 1.1812500000003476, "resolution": 17, "dropout": 0.3, "repeats": [1308], "channels": [1181], "params": 3925, "macs": 301896, "macs_ratio": 1.9842780523714376, "target_ratio": 2.0}], "network": {"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 16, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1000, "width": 1000}}}}','{"steps": null, "mean": null, "worse": null, "choice": {"name": "choice", "shares": [0.3303658941748115, 0.6696341058251885, 0.0], "words": "The choice: d1150-w1200-r8-360680, depth 33% and width 67%; expected accuracy 12.5%"}, "marks": [{"name": "paper and equal", "shares": [0.0, 0.34240615845903677, 0.6575938415409632], "words": "Nearest to the paper\u2019s shares: d1000-w1100-r9-31fd05, width 34% and resolution 66%\nNearest to equal shares: d1000-w1100-r9-31fd05, width 34% and resolution 66%"}, {"name": "fast", "shares": [0.3303658941748115, 0.6696341058251885, 0.0], "words": "Nearest to fast scaling\u2019s shares: d1150-w1200-r8-360680, depth 33% and width 67%\nNearest to width alone: d1150-w1200-r8-360680, depth 33% and width 67%"}, {"name": "", "shares": [1.0, 0.0, 0.0], "words": "Nearest to depth alone: d1900-w1000-r8-b4961d, depth alone"}, {"name": "", "shares": [0.32721968788371236, 0.0, 0.6727803121162876], "words": "Nearest to resolution alone: d1150-w1000-r9-a46e53, depth 33% and resolution 67%"}], "corners": ["alone: 9.8%", "at most 67%: 12.5%", "at most 67%: 7.8%"], "headline": "Best seen so far: depth 33% and width 67%", "title": "5 networks ran: 7.8% to 12.5%", "note": "Each point of the triangle is a way to spend the doubling: the nearer a corner, the more goes to its axis; ticks mark quarters. No surface is fitted: that takes 8 networks, and 5 ran.", "paragraphs": [["What is chosen.", "Spend each doubling of cost on depth 33% and width 67%. For own at 16 px that is \u03b1 = 1.308 (depth), \u03b2 = 1.313 (width), \u03b3 = 1.000 (resolution). It is the best observed mean of 5 networks (6 runs), not a fit."], ["How sure that is.", "Its accuracy in runs this short is expected to be 12.5% (90% interval 2.5% to 22.5%), which is optimistic: the best of several noisy means always is."], ["What it cannot tell apart.", "Anything: with 5 networks there is no surface, and no network is ruled out."], ["What would make it surer.", "More networks: from 8 on, a surface is fitted. <code>scaling-search extend factory --trials 3</code> adds runs."]]}');
CREATE TABLE delivery (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	payload JSON NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	delivered_at DATETIME, 
	error VARCHAR, 
	CONSTRAINT pk_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_delivery_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
CREATE TABLE epoch (
	trial_id INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	train_loss DOUBLE NOT NULL, 
	validation_loss DOUBLE NOT NULL, 
	accuracy DOUBLE NOT NULL, 
	learning_rate DOUBLE NOT NULL, 
	seconds DOUBLE NOT NULL, 
	images_per_second DOUBLE NOT NULL, 
	CONSTRAINT pk_epoch PRIMARY KEY (trial_id, attempt, epoch), 
	CONSTRAINT fk_epoch_trial_id FOREIGN KEY(trial_id) REFERENCES trial (id) ON DELETE CASCADE
);
INSERT INTO "epoch" VALUES(4,1,0,2.36213541030883789062e+00,2.31410098075866699218e+00,0.109375,0.004,3.93661079997400520369e-02,3.41351839158187885924e+03);
INSERT INTO "epoch" VALUES(2,1,0,2.32051944732666,2.28742098808288574218e+00,0.140625,0.004,3.97794880000219563953e-02,3.40313490937215601655e+03);
INSERT INTO "epoch" VALUES(4,1,1,2.33082032203674316406e+00,2.31608629226684570312e+00,0.078125,0.0,2.30313389997718331869e-02,8.17867177479545807722e+03);
INSERT INTO "epoch" VALUES(2,1,1,2.2988224029541015625e+00,2.28841829299926757812e+00,0.140625,0.0,2.20505789998242107685e-02,6.27521084344402606822e+03);
INSERT INTO "epoch" VALUES(3,1,0,2.31128978729248046875e+00,2.32273554801940917968e+00,0.09375,0.004,1.70886199998676602263e-02,8191.02074719285);
INSERT INTO "epoch" VALUES(3,1,1,2.27818584442138671875e+00,2.32194590568542480468e+00,0.125,0.0,1.21405210002194507978e-02,1.16464462823525482235e+04);
INSERT INTO "epoch" VALUES(1,1,0,2.35990214347839355468e+00,2.29930472373962402343e+00,0.140625,0.004,1.95946670000921585597e-02,7.06860991586139061817e+03);
INSERT INTO "epoch" VALUES(1,1,1,2.33440232276916503906e+00,2.29954266548156738281e+00,0.140625,0.0,1.1854381999910401646e-02,1.18148189583096082061e+04);
INSERT INTO "epoch" VALUES(7,1,0,2.32227993011474609375e+00,2.31945633888244628906e+00,0.0546875,0.004,4.22607880000214208848e-02,4.04097561903912446713e+03);
INSERT INTO "epoch" VALUES(7,1,1,2.29419660568237304687e+00,2.32044863700866699218e+00,0.0546875,0.0,2.26677639998342783655e-02,6.12803915441377375838e+03);
INSERT INTO "epoch" VALUES(5,1,0,2.36910581588745117187e+00,2.33489060401916503906e+00,0.109375,0.004,3.36016359997302060946e-02,4.58477600054374943286e+03);
INSERT INTO "epoch" VALUES(6,1,0,2.326023101806640625e+00,2.31304645538330078125e+00,0.0859375,0.004,3.21104699996794806793e-02,5.32355640021802537387e+03);
INSERT INTO "epoch" VALUES(5,1,1,2.32352399826049804687e+00,2.3350963592529296875e+00,0.109375,0.0,1.78707219997704669367e-02,8761.62506792);
INSERT INTO "epoch" VALUES(6,1,1,2.28791117668151855468e+00,2.31295657157897949218e+00,0.0859375,0.0,1.37242850000802718568e-02,1.03465470864013950628e+04);
CREATE TABLE event (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	study_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR NOT NULL, 
	data JSON NOT NULL, 
	CONSTRAINT fk_event_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
INSERT INTO "event" VALUES(1,1,'2026-11-26 09:09:58.149531','state','{"state": "running", "reason": null}');
INSERT INTO "event" VALUES(2,1,'2026-11-26 09:09:58.445203','runs','{"started": [3, 1], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(3,1,'2026-11-26 09:10:01.243903','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(4,1,'2026-11-26 09:10:01.257465','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(5,1,'2026-11-26 09:10:01.339769','runs','{"started": [], "epochs": [[3, 0, 0.109375]], "ended": []}');
INSERT INTO "event" VALUES(6,1,'2026-11-26 09:10:01.355728','runs','{"started": [], "epochs": [[1, 0, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(7,1,'2026-11-26 09:10:01.392283','runs','{"started": [], "epochs": [[3, 1, 0.078125]], "ended": [[3, "complete"]]}');
INSERT INTO "event" VALUES(8,1,'2026-11-26 09:10:01.399894','runs','{"started": [2], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(9,1,'2026-11-26 09:10:01.410406','runs','{"started": [], "epochs": [[1, 1, 0.140625]], "ended": [[1, "complete"]]}');
INSERT INTO "event" VALUES(10,1,'2026-11-26 09:10:01.412376','runs','{"started": [0], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(11,1,'2026-11-26 09:10:01.454167','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(12,1,'2026-11-26 09:10:01.497578','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(13,1,'2026-11-26 09:10:01.500624','runs','{"started": [], "epochs": [[2, 0, 0.09375]], "ended": []}');
INSERT INTO "event" VALUES(14,1,'2026-11-26 09:10:01.543877','runs','{"started": [], "epochs": [[2, 1, 0.125]], "ended": [[2, "complete"]]}');
INSERT INTO "event" VALUES(15,1,'2026-11-26 09:10:01.547559','runs','{"started": [6], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(16,1,'2026-11-26 09:10:01.575698','runs','{"started": [], "epochs": [[0, 0, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(17,1,'2026-11-26 09:10:01.626107','runs','{"started": [], "epochs": [[0, 1, 0.140625]], "ended": [[0, "complete"]]}');
INSERT INTO "event" VALUES(18,1,'2026-11-26 09:10:01.997177','choice','{"after_trials": 3}');
INSERT INTO "event" VALUES(19,1,'2026-11-26 09:10:01.998147','runs','{"started": [4], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(20,1,'2026-11-26 09:10:02.007791','runs','{"started": [], "epochs": [[6, 0, 0.0546875], [6, 1, 0.0546875]], "ended": [[6, "complete"]]}');
INSERT INTO "event" VALUES(21,1,'2026-11-26 09:10:02.015480','runs','{"started": [5], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(22,1,'2026-11-26 09:10:02.058488','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(23,1,'2026-11-26 09:10:02.077164','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(24,1,'2026-11-26 09:10:02.147759','runs','{"started": [], "epochs": [[4, 0, 0.109375]], "ended": []}');
INSERT INTO "event" VALUES(25,1,'2026-11-26 09:10:02.159684','runs','{"started": [], "epochs": [[5, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(26,1,'2026-11-26 09:10:02.171610','runs','{"started": [], "epochs": [[4, 1, 0.109375]], "ended": []}');
INSERT INTO "event" VALUES(27,1,'2026-11-26 09:10:02.198196','runs','{"started": [], "epochs": [], "ended": [[4, "complete"]]}');
INSERT INTO "event" VALUES(28,1,'2026-11-26 09:10:02.203647','runs','{"started": [], "epochs": [[5, 1, 0.0859375]], "ended": [[5, "complete"]]}');
INSERT INTO "event" VALUES(29,1,'2026-11-26 09:10:02.550286','choice','{"after_trials": 6}');
INSERT INTO "event" VALUES(30,1,'2026-11-26 09:10:02.551617','state','{"state": "complete", "reason": null}');
CREATE TABLE family_member (
	id INTEGER NOT NULL, 
	choice_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	phi DOUBLE NOT NULL, 
	depth DOUBLE NOT NULL, 
	width DOUBLE NOT NULL, 
	resolution INTEGER NOT NULL, 
	dropout DOUBLE NOT NULL, 
	repeats JSON NOT NULL, 
	channels JSON NOT NULL, 
	params BIGINT NOT NULL, 
	macs BIGINT NOT NULL, 
	macs_ratio DOUBLE NOT NULL, 
	target_ratio DOUBLE NOT NULL, 
	CONSTRAINT pk_family_member PRIMARY KEY (id), 
	CONSTRAINT fk_family_member_choice_id FOREIGN KEY(choice_id) REFERENCES choice (id) ON DELETE CASCADE
);
INSERT INTO "family_member" VALUES(1,1,'b0',0.0,1.0,1.0,16,0.2,'[1000]','[1000]',2538,152144,1.0,1.0);
INSERT INTO "family_member" VALUES(2,1,'b1',1.0,2.076,1.0,16,0.3,'[2076]','[1000]',4906,299600,1.96918708591860336376e+00,2.0);
INSERT INTO "family_member" VALUES(3,2,'b0',0.0,1.0,1.0,16,0.2,'[1000]','[1000]',2538,152144,1.0,1.0);
INSERT INTO "family_member" VALUES(4,2,'b1',1.0,1.308,1.18125000000034763303e+00,17,0.3,'[1308]','[1181]',3925,301896,1.98427805237143761729e+00,2.0);
CREATE TABLE scaling_search_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT scaling_search_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "scaling_search_version" VALUES('0005');
CREATE TABLE session (
	hash VARCHAR NOT NULL, 
	token_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_session PRIMARY KEY (hash), 
	CONSTRAINT fk_session_token_id FOREIGN KEY(token_id) REFERENCES token (id) ON DELETE CASCADE
);
CREATE TABLE study (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	description VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	reason VARCHAR, 
	spec JSON NOT NULL, 
	spec_hash VARCHAR NOT NULL, 
	versions JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	started_at DATETIME, 
	finished_at DATETIME, 
	owner VARCHAR, 
	lease_until DOUBLE, 
	fence INTEGER NOT NULL, launched_by VARCHAR, priority INTEGER DEFAULT '0' NOT NULL, request VARCHAR, slots INTEGER, archived BOOLEAN DEFAULT 0 NOT NULL, webhook VARCHAR, 
	CONSTRAINT pk_study PRIMARY KEY (id), 
	CONSTRAINT uq_study_name UNIQUE (name)
);
INSERT INTO "study" VALUES(1,'factory','','complete',NULL,'{"name": "factory", "description": "", "base": {"network": "efficientnet_b0", "table": null, "factory": "golden_nets:plain", "width": 1.0, "resolution": 8, "strides": null}, "budget": {"mode": "real", "cost": "macs", "latency_batch": 1, "target": 2.0, "tolerance": 0.05, "rounding": "nearest", "divisor": 2, "step": 0.05, "slack": 0.1}, "search": {"sampler": "lattice", "pruner": "none", "trials": 6, "replicates": 1, "base_runs": 1, "round": 3, "seed": 0, "patience": null, "indifference": 0.2, "stages": null}, "proxy": {"dataset": "digits", "root": null, "classes": null, "channels": null, "stored_px": 320, "cache_gb": 8.0, "workers": null, "train_size": 128, "validation_size": 128, "split_seed": 0, "epochs": 2, "batch_size": 64, "learning_rate": 0.004, "depth_exponent": 0.0, "weight_decay": 0.05, "warmup": 0.3, "label_smoothing": 0.1, "dropout": 0.0, "stochastic_depth": 0.0, "flip": false, "crop": 1}, "family": {"base": "own", "resolution": 16, "phi": [1.0], "rounding": "nearest", "divisor": 8}, "run": {"engine": "local", "address": null, "cpus": 1.0, "gpus": 0.0, "resources": {}, "slots": null, "max_failures": 5, "max_failures_in_row": 3, "checkpoints": null, "keep_checkpoints": false, "max_hours": null}, "validation": null}','edf0636c9476f23fb70d12fcb857e9580115cc83b53709b353d7d6b7edfa56d3','{"scaling-search": "0.1.0", "torch": "2.14.1", "torchvision": "0.29.1", "optuna": "5.0.0", "fvcore": "0.1.5.post20221221", "numpy": "2.4.6", "pandas": "3.1.1", "sqlalchemy": "2.1.9"}','2026-11-26 09:09:58.064758','2026-11-26 09:09:58.148250','2026-11-26 09:10:02.550606',NULL,NULL,1,NULL,0,NULL,NULL,0,NULL);
CREATE TABLE token (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	revoked_at DATETIME, 
	used_at DATETIME, 
	CONSTRAINT pk_token PRIMARY KEY (id), 
	CONSTRAINT uq_token_hash UNIQUE (hash)
);
CREATE TABLE trial (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	round INTEGER NOT NULL, 
	role VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	seed BIGINT NOT NULL, 
	alpha DOUBLE NOT NULL, 
	beta DOUBLE NOT NULL, 
	gamma DOUBLE NOT NULL, 
	"key" VARCHAR NOT NULL, 
	shares JSON, 
	depth DOUBLE NOT NULL, 
	width DOUBLE NOT NULL, 
	resolution_ratio DOUBLE NOT NULL, 
	blocks JSON NOT NULL, 
	channels JSON NOT NULL, 
	resolution INTEGER NOT NULL, 
	macs BIGINT NOT NULL, 
	macs_ratio DOUBLE NOT NULL, 
	params BIGINT NOT NULL, 
	activations BIGINT NOT NULL, 
	counted_macs BIGINT, 
	architecture JSON NOT NULL, 
	attempts INTEGER NOT NULL, 
	epochs INTEGER NOT NULL, 
	accuracy DOUBLE, 
	loss DOUBLE, 
	seconds DOUBLE, 
	error VARCHAR, 
	started_at DATETIME, 
	finished_at DATETIME, planned INTEGER, test_accuracy DOUBLE, 
	CONSTRAINT pk_trial PRIMARY KEY (id), 
	CONSTRAINT fk_trial_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE, 
	CONSTRAINT uq_trial_study_id_number UNIQUE (study_id, number)
);
INSERT INTO "trial" VALUES(1,1,0,0,'base','complete',0,1.0,1.0,1.0,'d1000-w1000-r8-3b0ebc',NULL,1.0,1.0,1.0,'[1000]','[1000]',8,38096,1.0,2538,650,38096,'{"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 8, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1000, "width": 1000}}',1,2,0.140625,2.29954266548156738281e+00,3.14490490000025602057e-02,NULL,'2026-11-26 09:10:01.412460','2026-11-26 09:10:01.626905',NULL,NULL);
INSERT INTO "trial" VALUES(2,1,1,0,'candidate','complete',1,2.0,1.0,1.0,'d1900-w1000-r8-b4961d','[1.0, 0.0, 0.0]',1.9,1.0,1.0,'[1900]','[1000]',8,74960,1.96766064678706431578e+00,4906,1162,74960,'{"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 8, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1900, "width": 1000}}',1,2,0.140625,2.28841829299926757812e+00,6.18300669998461671639e-02,NULL,'2026-11-26 09:09:58.445372','2026-11-26 09:10:01.411412',NULL,NULL);
INSERT INTO "trial" VALUES(3,1,2,0,'candidate','complete',2,1.0,1.41421356237309514547e+00,1.0,'d1150-w1200-r8-360680','[0.3303658941748115, 0.6696341058251885, 0.0]',1.15,1.2,1.0,'[1150]','[1200]',8,73540,1.93038639227215447213e+00,4810,970,73540,'{"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 8, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1150, "width": 1200}}',1,2,0.125,2.32194590568542480468e+00,2.92291410000871110241e-02,NULL,'2026-11-26 09:10:01.400018','2026-11-26 09:10:01.544727',NULL,NULL);
INSERT INTO "trial" VALUES(4,1,3,0,'candidate','complete',3,1.0,1.0,1.41421356237309514547e+00,'d1150-w1000-r9-a46e53','[0.32721968788371236, 0.0, 0.6727803121162876]',1.15,1.0,1.125,'[1150]','[1000]',9,73880,1.93931121377572446284e+00,3130,1210,73880,'{"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 9, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1150, "width": 1000}}',1,2,0.078125,2.31608629226684570312e+00,6.23974469995118852239e-02,NULL,'2026-11-26 09:09:58.445372','2026-11-26 09:10:01.393295',NULL,NULL);
INSERT INTO "trial" VALUES(5,1,4,1,'candidate','complete',4,1.25992104989487319066e+00,1.12246204830937301721e+00,1.12246204830937301721e+00,'d1000-w1100-r9-31fd05','[0.0, 0.34240615845903677, 0.6575938415409632]',1.0,1.1,1.125,'[1000]','[1100]',9,75015,1.96910436791264165101e+00,3178,1135,75015,'{"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 9, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1000, "width": 1100}}',1,2,0.109375,2.3350963592529296875e+00,5.14723579995006730314e-02,NULL,'2026-11-26 09:10:01.998209','2026-11-26 09:10:02.198361',NULL,NULL);
INSERT INTO "trial" VALUES(6,1,5,1,'candidate','complete',5,1.41421356237309514547e+00,1.18920711500272102689e+00,1.0,'d1200-w1200-r8-0344d9','[0.3303658941748115, 0.6696341058251885, 0.0]',1.2,1.2,1.0,'[1200]','[1200]',8,73540,1.93038639227215447213e+00,4810,970,73540,'{"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 8, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1200, "width": 1200}}',1,2,0.0859375,2.31295657157897949218e+00,4.58347549997597525361e-02,NULL,'2026-11-26 09:10:02.015618','2026-11-26 09:10:02.204388',NULL,NULL);
INSERT INTO "trial" VALUES(7,1,6,1,'candidate','complete',6,2.0,1.0,1.0,'d1900-w1000-r8-b4961d','[1.0, 0.0, 0.0]',1.9,1.0,1.0,'[1900]','[1000]',8,74960,1.96766064678706431578e+00,4906,1162,NULL,'{"base": "own", "stem": 0, "stem_stride": 1, "stages": [], "head": 0, "resolution": 8, "classes": 10, "image_channels": 1, "style": "factory", "fixed": [], "factory": {"name": "golden_nets:plain", "depth": 1900, "width": 1000}}',1,2,0.0546875,2.32044863700866699218e+00,0.0649285519998557,NULL,'2026-11-26 09:10:01.547651','2026-11-26 09:10:02.008768',NULL,NULL);
CREATE TABLE worker (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	host VARCHAR NOT NULL, 
	pid INTEGER NOT NULL, 
	slots INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	beat_at DOUBLE NOT NULL
);
CREATE INDEX ix_trial_study_id_state ON trial (study_id, state);
CREATE INDEX ix_choice_study_id ON choice (study_id);
CREATE INDEX ix_family_member_choice_id ON family_member (choice_id);
CREATE INDEX ix_study_created_at ON study (created_at);
CREATE INDEX ix_event_study_id_id ON event (study_id, id);
CREATE INDEX ix_delivery_due_at ON delivery (due_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('event',30);
COMMIT;
