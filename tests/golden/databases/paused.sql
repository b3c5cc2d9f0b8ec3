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
INSERT INTO "choice" VALUES(1,1,'2026-11-26 09:08:49.944102',4,'best mean',1.96875,1.0,1.0,'[1.0, 0.0, 0.0]',0.0859375,'{"alpha": 1.96875, "beta": 1.0, "gamma": 1.0, "product": 1.96875, "shares": [1.0, 0.0, 0.0], "key": "d30-w264-r5-d68857", "accuracy": 0.0859375, "accuracy_interval": [0.0793575, 0.0925175], "method": "best mean", "runs": 4, "networks": 4, "seed_noise": null, "network_effect": null, "expected_regret": null, "tie_region": [{"key": "d30-w264-r5-d68857", "shares": [1.0, 0.0, 0.0]}, {"key": "d16-w384-r7-59c599", "shares": [0.0, 0.9105568127537198, 0.08944318724628017]}, {"key": "d23-w306-r8-b377c3", "shares": [0.5058181607839413, 0.38148444931299436, 0.11269738990306447]}, {"key": "d23-w316-r8-b1207d", "shares": [0.49848910144962844, 0.39042324102147435, 0.11108765752889718]}], "tie_fraction": 1.0, "probability_better_than": {}, "verdict": "only 4 networks have run, too few for a surface (8 are needed): this is the best observed mean, which is optimistic, and nothing can be ruled out", "optima": [], "cross_check": null, "lack_of_fit": null, "movement": null, "warnings": [], "intervals": null, "network": {"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 7}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 2}], "head": 160, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}, "family": {"base": "efficientnet_b0", "rounding": "nearest", "alpha": 1.96875, "beta": 1.0, "gamma": 1.0, "models": [{"name": "b0", "phi": 0.0, "depth": 1.0, "width": 1.0, "resolution": 224, "dropout": 0.2, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 5288548, "macs": 385814752, "macs_ratio": 1.0, "target_ratio": 1.0}, {"name": "b1", "phi": 0.5, "depth": 1.5, "width": 1.0, "resolution": 224, "dropout": 0.2, "repeats": [2, 3, 3, 5, 4, 6, 1], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 6921436, "macs": 547403104, "macs_ratio": 1.4188236742176203, "target_ratio": 1.4142135623730951}, {"name": "b2", "phi": 1.0, "depth": 1.9375, "width": 1.025, "resolution": 224, "dropout": 0.3, "repeats": [2, 4, 4, 6, 6, 7, 2], "channels": [32, 16, 24, 40, 80, 112, 200, 328, 1312], "params": 10116536, "macs": 777101280, "macs_ratio": 2.0141823918645807, "target_ratio": 2.0}, {"name": "b3", "phi": 2.0, "depth": 3.9375, "width": 1.0, "resolution": 224, "dropout": 0.3, "repeats": [4, 8, 8, 12, 12, 15, 4], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 19503904, "macs": 1551934816, "macs_ratio": 4.022486978413931, "target_ratio": 4.0}, {"name": "b4", "phi": 3.5, "depth": 11.0625, "width": 1.0, "resolution": 224, "dropout": 0.4, "repeats": [11, 22, 22, 33, 33, 45, 11], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 55220860, "macs": 4373405536, "macs_ratio": 11.335506258713508, "target_ratio": 11.313708498984761}, {"name": "b5", "phi": 5.0, "depth": 31.1875, "width": 1.0, "resolution": 224, "dropout": 0.4, "repeats": [31, 62, 62, 94, 94, 125, 31], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 154221052, "macs": 12350944096, "macs_ratio": 32.01262790490707, "target_ratio": 32.0}, {"name": "b6", "phi": 6.0, "depth": 62.375, "width": 1.0, "resolution": 224, "dropout": 0.5, "repeats": [62, 125, 125, 187, 187, 250, 62], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 307818520, "macs": 24709263712, "macs_ratio": 64.044372549031, "target_ratio": 64.0}, {"name": "b7", "phi": 7.0, "depth": 124.625, "width": 1.0, "resolution": 224, "dropout": 0.5, "repeats": [125, 249, 249, 374, 374, 498, 125], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 615629236, "macs": 49403635552, "macs_ratio": 128.05014659470564, "target_ratio": 128.0}]}}','{"steps": null, "mean": null, "worse": null, "choice": {"name": "choice", "shares": [1.0, 0.0, 0.0], "words": "The choice: d30-w264-r5-d68857, depth alone; expected accuracy 8.6%"}, "marks": [{"name": "paper and equal", "shares": [0.49848910144962844, 0.39042324102147435, 0.11108765752889718], "words": "Nearest to the paper\u2019s shares: d23-w316-r8-b1207d, depth 50%, width 39% and resolution 11%\nNearest to equal shares: d23-w316-r8-b1207d, depth 50%, width 39% and resolution 11%"}, {"name": "fast", "shares": [0.17316177720690176, 0.7367903217596177, 0.09004790103348051], "words": "Nearest to fast scaling\u2019s shares: d17-w362-r7-f91f71, depth 17%, width 74% and resolution 9%"}, {"name": "", "shares": [1.0, 0.0, 0.0], "words": "Nearest to depth alone: d30-w264-r5-d68857, depth alone"}, {"name": "", "shares": [0.0, 0.9105568127537198, 0.08944318724628017], "words": "Nearest to width alone: d16-w384-r7-59c599, width 91% and resolution 9%"}, {"name": "", "shares": [0.5058181607839413, 0.38148444931299436, 0.11269738990306447], "words": "Nearest to resolution alone: d23-w306-r8-b377c3, depth 51%, width 38% and resolution 11%"}], "corners": ["alone: 8.6%", "at most 91%: 8.6%", "at most 11%: 8.6%"], "headline": "Best seen so far: depth alone", "title": "4 networks ran: 8.6% to 8.6%", "note": "Each point of the triangle is a way to spend the doubling: the nearer a corner, the more goes to its axis; ticks mark quarters. No surface is fitted: that takes 8 networks, and 4 ran.", "paragraphs": [["What is chosen.", "Spend each doubling of cost on depth alone. For efficientnet_b0 at 224 px that is \u03b1 = 1.969 (depth), \u03b2 = 1.000 (width), \u03b3 = 1.000 (resolution). It is the best observed mean of 4 networks (4 runs), not a fit."], ["How sure that is.", "Its accuracy in runs this short is expected to be 8.6% (90% interval 7.9% to 9.3%), which is optimistic: the best of several noisy means always is."], ["What it cannot tell apart.", "Anything: with 4 networks there is no surface, and no network is ruled out."], ["What would make it surer.", "More networks: from 8 on, a surface is fitted. <code>scaling-search extend paused --trials 4</code> adds runs."]]}');
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
INSERT INTO "epoch" VALUES(5,1,0,2.65048432350158691406e+00,2.29960083961486816406e+00,0.0859375,0.004,1.64249554999969404889e-01,8.85787139135940378761e+02);
INSERT INTO "epoch" VALUES(5,1,1,2.40882205963134765625e+00,2.29929709434509277343e+00,0.0859375,0.0,8.04381140001169114839e-02,1.90880436610958577154e+03);
INSERT INTO "epoch" VALUES(4,1,0,2.53003859519958496093e+00,2.30191278457641601562e+00,0.0859375,0.004,1.0014696200005346327e-01,1.57686723933406392457e+03);
INSERT INTO "epoch" VALUES(4,1,1,2.541629791259765625e+00,2.29924893379211425781e+00,0.0859375,0.0,6.71962320002421620301e-02,2.38117783099312418926e+03);
INSERT INTO "epoch" VALUES(2,1,0,2.51308655738830566406e+00,2.303058624267578125e+00,0.0859375,0.004,1.66607850999753281939e-01,8.89858637057031728531e+02);
INSERT INTO "epoch" VALUES(2,1,1,2.32996535301208496093e+00,2.30661773681640625e+00,0.0859375,0.0,8.86135400000966910738e-02,1.77431284051421494043e+03);
INSERT INTO "epoch" VALUES(3,1,0,2.74707388877868652343e+00,2.30157184600830078125e+00,0.0859375,0.004,8.74551130000327248126e-02,1.80728649911260936273e+03);
INSERT INTO "epoch" VALUES(3,1,1,2.51605772972106933593e+00,2.30419087409973144531e+00,0.0859375,0.0,0.0556845930000236,2.86588316105834337585e+03);
INSERT INTO "epoch" VALUES(1,1,0,2.51680755615234375e+00,2.30003380775451660156e+00,0.140625,0.004,7.68861490000745106954e-02,2.06573604611860082514e+03);
INSERT INTO "epoch" VALUES(1,1,1,2.36838459968566894531e+00,2.29542136192321777343e+00,0.140625,0.0,4.89972679997663362883e-02,3.21113050080998391417e+03);
INSERT INTO "epoch" VALUES(8,1,0,2.69410181045532226562e+00,2.30324912071228027343e+00,0.0859375,0.004,1.13527421000071626622e-01,1.40786117785247188289e+03);
INSERT INTO "epoch" VALUES(8,1,1,2.30990934371948242187e+00,2.30325365066528320312e+00,0.0859375,0.0,7.95179739998275181278e-02,2.00436983943961377001e+03);
INSERT INTO "epoch" VALUES(6,1,0,2.75528192520141601562e+00,2.30056643486022949218e+00,0.140625,0.004,1.0344663899968509213e-01,1.53954593762788113052e+03);
INSERT INTO "epoch" VALUES(6,1,1,2.24111270904541,2.29823803901672363281e+00,0.109375,0.0,7.97910339997542905621e-02,1.95132112367003924188e+03);
INSERT INTO "epoch" VALUES(7,1,0,2.46670293807983398437e+00,2.3004932403564453125e+00,0.0859375,0.004,1.30822230999910971149e-01,1.17713876595425381312e+03);
INSERT INTO "epoch" VALUES(7,1,1,2.52630901336669921875e+00,2.301723480224609375e+00,0.0859375,0.0,1.09841825999865250196e-01,1.56033594813150830308e+03);
INSERT INTO "epoch" VALUES(9,1,0,2.62905216217041,2.29945516586303710937e+00,0.140625,0.004,1.0105385099996055942e-01,1.53797456248227263136e+03);
INSERT INTO "epoch" VALUES(9,1,1,2.56737756729125976562e+00,2.29695439338684082031e+00,0.140625,0.0,6.21998900001017318572e-02,2566.89473059258);
INSERT INTO "epoch" VALUES(10,1,0,2.77852797508239746093e+00,2.3019859790802,0.125,0.004,1.06205044000034831697e-01,1.47395401199047728366e+03);
INSERT INTO "epoch" VALUES(10,1,1,2.38476991653442382812e+00,2.299530029296875e+00,0.125,0.0,6.79217400002016802318e-02,2.33885306920006087239e+03);
CREATE TABLE event (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	study_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR NOT NULL, 
	data JSON NOT NULL, 
	CONSTRAINT fk_event_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
INSERT INTO "event" VALUES(1,1,'2026-11-26 09:08:43.233162','state','{"state": "running", "reason": null}');
INSERT INTO "event" VALUES(2,1,'2026-11-26 09:08:43.653168','runs','{"started": [4], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(3,1,'2026-11-26 09:08:46.357544','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(4,1,'2026-11-26 09:08:46.595741','runs','{"started": [], "epochs": [[4, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(5,1,'2026-11-26 09:08:46.724544','runs','{"started": [], "epochs": [[4, 1, 0.0859375]], "ended": [[4, "complete"]]}');
INSERT INTO "event" VALUES(6,1,'2026-11-26 09:08:46.728122','runs','{"started": [3], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(7,1,'2026-11-26 09:08:47.179805','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(8,1,'2026-11-26 09:08:47.347812','runs','{"started": [], "epochs": [[3, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(9,1,'2026-11-26 09:08:47.446095','runs','{"started": [], "epochs": [[3, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(10,1,'2026-11-26 09:08:47.475741','runs','{"started": [], "epochs": [], "ended": [[3, "complete"]]}');
INSERT INTO "event" VALUES(11,1,'2026-11-26 09:08:47.477545','runs','{"started": [1], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(12,1,'2026-11-26 09:08:48.094878','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(13,1,'2026-11-26 09:08:48.351720','runs','{"started": [], "epochs": [[1, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(14,1,'2026-11-26 09:08:48.483116','runs','{"started": [], "epochs": [[1, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(15,1,'2026-11-26 09:08:48.499898','runs','{"started": [], "epochs": [], "ended": [[1, "complete"]]}');
INSERT INTO "event" VALUES(16,1,'2026-11-26 09:08:48.503548','runs','{"started": [2], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(17,1,'2026-11-26 09:08:48.845810','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(18,1,'2026-11-26 09:08:49.001280','runs','{"started": [], "epochs": [[2, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(19,1,'2026-11-26 09:08:49.082014','runs','{"started": [], "epochs": [[2, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(20,1,'2026-11-26 09:08:49.098103','runs','{"started": [], "epochs": [], "ended": [[2, "complete"]]}');
INSERT INTO "event" VALUES(21,1,'2026-11-26 09:08:49.103520','runs','{"started": [0], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(22,1,'2026-11-26 09:08:49.424404','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(23,1,'2026-11-26 09:08:49.559740','runs','{"started": [], "epochs": [[0, 0, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(24,1,'2026-11-26 09:08:49.626217','runs','{"started": [], "epochs": [[0, 1, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(25,1,'2026-11-26 09:08:49.641894','runs','{"started": [], "epochs": [], "ended": [[0, "complete"]]}');
INSERT INTO "event" VALUES(26,1,'2026-11-26 09:08:49.945406','choice','{"after_trials": 4}');
INSERT INTO "event" VALUES(27,1,'2026-11-26 09:08:49.948164','runs','{"started": [7], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(28,1,'2026-11-26 09:08:50.397343','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(29,1,'2026-11-26 09:08:50.587613','runs','{"started": [], "epochs": [[7, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(30,1,'2026-11-26 09:08:50.699707','runs','{"started": [], "epochs": [[7, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(31,1,'2026-11-26 09:08:50.716334','runs','{"started": [], "epochs": [], "ended": [[7, "complete"]]}');
INSERT INTO "event" VALUES(32,1,'2026-11-26 09:08:50.719554','runs','{"started": [5], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(33,1,'2026-11-26 09:08:51.185053','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(34,1,'2026-11-26 09:08:51.363614','runs','{"started": [], "epochs": [[5, 0, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(35,1,'2026-11-26 09:08:51.474422','runs','{"started": [], "epochs": [[5, 1, 0.109375]], "ended": []}');
INSERT INTO "event" VALUES(36,1,'2026-11-26 09:08:51.490118','runs','{"started": [], "epochs": [], "ended": [[5, "complete"]]}');
INSERT INTO "event" VALUES(37,1,'2026-11-26 09:08:51.495164','runs','{"started": [6], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(38,1,'2026-11-26 09:08:51.762953','runs','{"started": [], "epochs": [[6, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(39,1,'2026-11-26 09:08:51.930024','runs','{"started": [], "epochs": [[6, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(40,1,'2026-11-26 09:08:51.958211','runs','{"started": [], "epochs": [], "ended": [[6, "complete"]]}');
INSERT INTO "event" VALUES(41,1,'2026-11-26 09:08:51.963470','runs','{"started": [8], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(42,1,'2026-11-26 09:08:52.399431','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(43,1,'2026-11-26 09:08:52.564873','runs','{"started": [], "epochs": [[8, 0, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(44,1,'2026-11-26 09:08:52.654764','runs','{"started": [], "epochs": [[8, 1, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(45,1,'2026-11-26 09:08:52.669892','runs','{"started": [], "epochs": [], "ended": [[8, "complete"]]}');
INSERT INTO "event" VALUES(46,1,'2026-11-26 09:08:52.675493','runs','{"started": [9], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(47,1,'2026-11-26 09:08:53.119097','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(48,1,'2026-11-26 09:08:53.301422','runs','{"started": [], "epochs": [[9, 0, 0.125]], "ended": []}');
INSERT INTO "event" VALUES(49,1,'2026-11-26 09:08:53.420329','runs','{"started": [], "epochs": [[9, 1, 0.125]], "ended": [[9, "complete"]]}');
INSERT INTO "event" VALUES(50,1,'2026-11-26 09:08:53.422740','runs','{"started": [10], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(51,1,'2026-11-26 09:08:53.453778','state','{"state": "paused", "reason": "interrupted"}');
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
INSERT INTO "family_member" VALUES(1,1,'b0',0.0,1.0,1.0,224,0.2,'[1, 2, 2, 3, 3, 4, 1]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',5288548,385814752,1.0,1.0);
INSERT INTO "family_member" VALUES(2,1,'b1',0.5,1.5,1.0,224,0.2,'[2, 3, 3, 5, 4, 6, 1]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',6921436,547403104,1.41882367421762034531e+00,1.41421356237309514547e+00);
INSERT INTO "family_member" VALUES(3,1,'b2',1.0,1.9375,1.025,224,0.3,'[2, 4, 4, 6, 6, 7, 2]','[32, 16, 24, 40, 80, 112, 200, 328, 1312]',10116536,777101280,2.01418239186458070122e+00,2.0);
INSERT INTO "family_member" VALUES(4,1,'b3',2.0,3.9375,1.0,224,0.3,'[4, 8, 8, 12, 12, 15, 4]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',19503904,1551934816,4.02248697841393099139e+00,4.0);
INSERT INTO "family_member" VALUES(5,1,'b4',3.5,11.0625,1.0,224,0.4,'[11, 22, 22, 33, 33, 45, 11]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',55220860,4373405536,1.1335506258713508032e+01,1.13137084989847611635e+01);
INSERT INTO "family_member" VALUES(6,1,'b5',5.0,31.1875,1.0,224,0.4,'[31, 62, 62, 94, 94, 125, 31]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',154221052,12350944096,3.20126279049070703317e+01,32.0);
INSERT INTO "family_member" VALUES(7,1,'b6',6.0,62.375,1.0,224,0.5,'[62, 125, 125, 187, 187, 250, 62]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',307818520,24709263712,64.044372549031,64.0);
INSERT INTO "family_member" VALUES(8,1,'b7',7.0,124.625,1.0,224,0.5,'[125, 249, 249, 374, 374, 498, 125]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',615629236,49403635552,1.28050146594705637425e+02,128.0);
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
INSERT INTO "study" VALUES(1,'paused','','paused','interrupted','{"name": "paused", "description": "", "base": {"network": "efficientnet_b0", "table": null, "factory": null, "width": 0.125, "resolution": 5, "strides": [1, 1, 2, 1, 2, 1, 1, 1]}, "budget": {"mode": "real", "cost": "macs", "latency_batch": 1, "target": 2.0, "tolerance": 0.02, "rounding": "nearest", "divisor": 2, "step": 0.05, "slack": 0.1}, "search": {"sampler": "lattice", "pruner": "none", "trials": 11, "replicates": 2, "base_runs": 1, "round": 4, "seed": 0, "patience": null, "indifference": 0.2, "stages": null}, "proxy": {"dataset": "digits", "root": null, "classes": null, "channels": null, "stored_px": 320, "cache_gb": 8.0, "workers": null, "train_size": 128, "validation_size": 128, "split_seed": 0, "epochs": 2, "batch_size": 64, "learning_rate": 0.004, "depth_exponent": 0.0, "weight_decay": 0.05, "warmup": 0.3, "label_smoothing": 0.1, "dropout": 0.0, "stochastic_depth": 0.0, "flip": false, "crop": 1}, "family": {"base": "efficientnet_b0", "resolution": 224, "phi": [0.5, 1.0, 2.0, 3.5, 5.0, 6.0, 7.0], "rounding": "nearest", "divisor": 8}, "run": {"engine": "local", "address": null, "cpus": 1.0, "gpus": 0.0, "resources": {}, "slots": null, "max_failures": 5, "max_failures_in_row": 3, "checkpoints": null, "keep_checkpoints": false, "max_hours": null}, "validation": null}','bbdfcdf6a210555b0c37bf8a6658df4cf819e441fc1e3cbf808d5d98fe525f5e','{"scaling-search": "0.1.0", "torch": "2.14.1", "torchvision": "0.29.1", "optuna": "5.0.0", "fvcore": "0.1.5.post20221221", "numpy": "2.4.6", "pandas": "3.1.1", "sqlalchemy": "2.1.9"}','2026-11-26 09:08:43.155991','2026-11-26 09:08:43.231921',NULL,NULL,NULL,1,NULL,0,NULL,NULL,0,NULL);
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
INSERT INTO "trial" VALUES(1,1,0,0,'base','complete',0,1.0,1.0,1.0,'d16-w264-r5-f058a0',NULL,1.0,1.0,1.0,'[1, 2, 2, 3, 3, 4, 1]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',5,319176,1.0,90375,13553,319176,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 1}], "head": 160, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.140625,2.29542136192321777343e+00,1.25883416999840846983e-01,NULL,'2026-11-26 09:08:49.103622','2026-11-26 09:08:49.642040',NULL,NULL);
INSERT INTO "trial" VALUES(2,1,1,0,'candidate','complete',1,2.0,1.0,1.0,'d30-w264-r5-d68857','[1.0, 0.0, 0.0]',1.875,1.0,1.0,'[2, 4, 4, 6, 5, 7, 2]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',5,631082,1.9772225981903401859e+00,178988,26020,631082,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 7}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 2}], "head": 160, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.30661773681640625e+00,0.25522139099985,NULL,'2026-11-26 09:08:47.477631','2026-11-26 09:08:48.500041',NULL,NULL);
INSERT INTO "trial" VALUES(3,1,2,0,'candidate','complete',2,1.0,1.41421356237309514547e+00,1.0,'d16-w384-r7-59c599','[0.0, 0.9105568127537198, 0.08944318724628017]',1.0,1.45454545454545458582e+00,1.4,'[1, 2, 2, 3, 3, 4, 1]','[6, 2, 6, 8, 14, 20, 36, 58, 234]',7,650784,2.03895029701481300676e+00,174200,22414,650784,'{"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 20, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 36, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 58, "blocks": 1}], "head": 234, "resolution": 7, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.30419087409973144531e+00,1.43139706000056321499e-01,NULL,'2026-11-26 09:08:48.503652','2026-11-26 09:08:49.098249',NULL,NULL);
INSERT INTO "trial" VALUES(4,1,3,0,'candidate','complete',3,1.0,1.0,1.41421356237309514547e+00,'d23-w306-r8-b377c3','[0.5058181607839413, 0.38148444931299436, 0.11269738990306447]',1.4375,1.15909090909090917165e+00,1.6,'[2, 3, 3, 4, 4, 6, 1]','[4, 2, 4, 8, 12, 16, 28, 46, 186]',8,630600,1.97571245958342722737e+00,164128,26262,630600,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 28, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 46, "blocks": 1}], "head": 186, "resolution": 8, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.29924893379211425781e+00,1.67343194000295625301e-01,NULL,'2026-11-26 09:08:46.731057','2026-11-26 09:08:47.475905',NULL,NULL);
INSERT INTO "trial" VALUES(5,1,4,0,'candidate','complete',4,1.25992104989487319066e+00,1.12246204830937301721e+00,1.12246204830937301721e+00,'d23-w316-r8-b1207d','[0.49848910144962844, 0.39042324102147435, 0.11108765752889718]',1.4375,1.19696969696969701679e+00,1.6,'[2, 3, 3, 4, 4, 6, 1]','[4, 2, 4, 8, 12, 16, 28, 48, 194]',8,635048,1.98964834448705407687e+00,165320,26302,635048,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 28, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 48, "blocks": 1}], "head": 194, "resolution": 8, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.29929709434509277343e+00,2.44687669000086316373e-01,NULL,'2026-11-26 09:08:43.653318','2026-11-26 09:08:46.725325',NULL,NULL);
INSERT INTO "trial" VALUES(6,1,5,1,'candidate','complete',5,1.58740105196819936139e+00,1.12246204830937301721e+00,1.0,'d25-w298-r7-e69f71','[0.5758703253269006, 0.3308236620608673, 0.09330601261223215]',1.5625,1.12878787878787889553e+00,1.4,'[2, 3, 3, 5, 5, 6, 1]','[4, 2, 4, 6, 12, 16, 28, 46, 180]',7,634962,1.98937890066922329346e+00,171436,26336,634962,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 28, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 46, "blocks": 1}], "head": 180, "resolution": 7, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.109375,2.29823803901672363281e+00,1.83237672999439382692e-01,NULL,'2026-11-26 09:08:50.719659','2026-11-26 09:08:51.490261',NULL,NULL);
INSERT INTO "trial" VALUES(7,1,6,1,'candidate','complete',6,2.0,1.0,1.0,'d30-w264-r5-d68857','[1.0, 0.0, 0.0]',1.875,1.0,1.0,'[2, 4, 4, 6, 5, 7, 2]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',5,631082,1.9772225981903401859e+00,178988,26020,NULL,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 7}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 2}], "head": 160, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.301723480224609375e+00,2.40664056999776221346e-01,NULL,'2026-11-26 09:08:51.495258','2026-11-26 09:08:51.958367',NULL,NULL);
INSERT INTO "trial" VALUES(8,1,7,1,'candidate','complete',7,1.58740105196819936139e+00,1.0,1.12246204830937301721e+00,'d26-w274-r8-0f8b91','[0.7934260640812825, 0.11237902429527426, 0.09419491162344323]',1.625,1.03787878787878784514e+00,1.6,'[2, 3, 3, 5, 5, 6, 2]','[4, 2, 4, 6, 10, 14, 26, 42, 166]',8,650512,2.03809810261423152155e+00,174934,27228,650512,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 26, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 42, "blocks": 2}], "head": 166, "resolution": 8, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.30325365066528320312e+00,1.9304539499989914475e-01,NULL,'2026-11-26 09:08:49.948240','2026-11-26 09:08:50.716488',NULL,NULL);
INSERT INTO "trial" VALUES(9,1,8,1,'candidate','complete',8,1.25992104989487319066e+00,1.25992104989487319066e+00,1.0,'d21-w344-r5-501fc3','[0.33591533870576956, 0.6640846612942305, 0.0]',1.3125,1.3030303030303029832e+00,1.0,'[1, 3, 3, 4, 4, 5, 1]','[6, 2, 6, 8, 12, 18, 32, 52, 208]',5,641732,2.01058976865428462588e+00,179003,23071,641732,'{"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 18, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 32, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 52, "blocks": 1}], "head": 208, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.140625,2.29695439338684082031e+00,1.63253741000062291277e-01,NULL,'2026-11-26 09:08:51.963565','2026-11-26 09:08:52.670050',NULL,NULL);
INSERT INTO "trial" VALUES(10,1,9,2,'candidate','complete',9,1.25992104989487319066e+00,1.0,1.25992104989487319066e+00,'d23-w308-r8-845ba7','[0.5051698470284522, 0.38227514116767686, 0.11255501180387081]',1.4375,1.16666666666666674068e+00,1.6,'[2, 3, 3, 4, 4, 6, 1]','[4, 2, 4, 8, 12, 16, 28, 46, 188]',8,630988,1.97692808983131573796e+00,164244,26270,630988,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 28, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 46, "blocks": 1}], "head": 188, "resolution": 8, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.125,2.299530029296875e+00,1.74126784000236511928e-01,NULL,'2026-11-26 09:08:52.675585','2026-11-26 09:08:53.421099',NULL,NULL);
INSERT INTO "trial" VALUES(11,1,10,2,'candidate','waiting',10,1.0,1.25992104989487319066e+00,1.12246204830937301721e+00,'d17-w346-r8-44e6fc','[0.18405930049975658, 0.7142250812544173, 0.10171561824582612]',1.0625,1.31060606060606055223e+00,1.6,'[1, 2, 2, 3, 3, 5, 1]','[6, 2, 6, 8, 14, 18, 32, 52, 208]',8,628028,1.9676542095896933926e+00,167133,23257,NULL,'{"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 18, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 32, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 52, "blocks": 1}], "head": 208, "resolution": 8, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,0,NULL,NULL,NULL,NULL,'2026-11-26 09:08:53.422828',NULL,NULL,NULL);
INSERT INTO "trial" VALUES(12,1,11,2,'candidate','waiting',11,1.0,1.37104735950372114139e+00,1.03148410780281052367e+00,'d16-w384-r7-59c599','[0.0, 0.9105568127537198, 0.08944318724628017]',1.0,1.45454545454545458582e+00,1.4,'[1, 2, 2, 3, 3, 4, 1]','[6, 2, 6, 8, 14, 20, 36, 58, 234]',7,650784,2.03895029701481300676e+00,174200,22414,NULL,'{"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 20, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 36, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 58, "blocks": 1}], "head": 234, "resolution": 7, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
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
INSERT INTO "sqlite_sequence" VALUES('event',51);
COMMIT;
