BEGIN TRANSACTION;
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
INSERT INTO "choice" VALUES(1,1,'2026-11-26 09:08:00.916876',3,'best mean',1.96875,1.0,1.0,'[1.0, 0.0, 0.0]',0.0859375,'{"alpha": 1.96875, "beta": 1.0, "gamma": 1.0, "product": 1.96875, "shares": [1.0, 0.0, 0.0], "key": "d30-w264-r5-d68857", "accuracy": 0.0859375, "accuracy_interval": [0.0793575, 0.0925175], "method": "best mean", "runs": 3, "networks": 3, "seed_noise": null, "network_effect": null, "expected_regret": null, "tie_region": [{"key": "d30-w264-r5-d68857", "shares": [1.0, 0.0, 0.0]}, {"key": "d16-w384-r7-59c599", "shares": [0.0, 0.9105568127537198, 0.08944318724628017]}, {"key": "d23-w306-r8-b377c3", "shares": [0.5058181607839413, 0.38148444931299436, 0.11269738990306447]}], "tie_fraction": 1.0, "probability_better_than": {}, "verdict": "only 3 networks have run, too few for a surface (8 are needed): this is the best observed mean, which is optimistic, and nothing can be ruled out", "optima": [], "cross_check": null, "lack_of_fit": null, "movement": null, "warnings": [], "intervals": null, "family": {"base": "efficientnet_b0", "rounding": "nearest", "alpha": 1.96875, "beta": 1.0, "gamma": 1.0, "models": [{"name": "b0", "phi": 0.0, "depth": 1.0, "width": 1.0, "resolution": 224, "dropout": 0.2, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 5288548, "macs": 385814752, "macs_ratio": 1.0, "target_ratio": 1.0}, {"name": "b1", "phi": 0.5, "depth": 1.5, "width": 1.0, "resolution": 224, "dropout": 0.2, "repeats": [2, 3, 3, 5, 4, 6, 1], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 6921436, "macs": 547403104, "macs_ratio": 1.4188236742176203, "target_ratio": 1.4142135623730951}, {"name": "b2", "phi": 1.0, "depth": 1.9375, "width": 1.025, "resolution": 224, "dropout": 0.3, "repeats": [2, 4, 4, 6, 6, 7, 2], "channels": [32, 16, 24, 40, 80, 112, 200, 328, 1312], "params": 10116536, "macs": 777101280, "macs_ratio": 2.0141823918645807, "target_ratio": 2.0}, {"name": "b3", "phi": 2.0, "depth": 3.9375, "width": 1.0, "resolution": 224, "dropout": 0.3, "repeats": [4, 8, 8, 12, 12, 15, 4], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 19503904, "macs": 1551934816, "macs_ratio": 4.022486978413931, "target_ratio": 4.0}, {"name": "b4", "phi": 3.5, "depth": 11.0625, "width": 1.0, "resolution": 224, "dropout": 0.4, "repeats": [11, 22, 22, 33, 33, 45, 11], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 55220860, "macs": 4373405536, "macs_ratio": 11.335506258713508, "target_ratio": 11.313708498984761}, {"name": "b5", "phi": 5.0, "depth": 31.1875, "width": 1.0, "resolution": 224, "dropout": 0.4, "repeats": [31, 62, 62, 94, 94, 125, 31], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 154221052, "macs": 12350944096, "macs_ratio": 32.01262790490707, "target_ratio": 32.0}, {"name": "b6", "phi": 6.0, "depth": 62.375, "width": 1.0, "resolution": 224, "dropout": 0.5, "repeats": [62, 125, 125, 187, 187, 250, 62], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 307818520, "macs": 24709263712, "macs_ratio": 64.044372549031, "target_ratio": 64.0}, {"name": "b7", "phi": 7.0, "depth": 124.625, "width": 1.0, "resolution": 224, "dropout": 0.5, "repeats": [125, 249, 249, 374, 374, 498, 125], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 615629236, "macs": 49403635552, "macs_ratio": 128.05014659470564, "target_ratio": 128.0}]}}','{"steps": null, "mean": null, "worse": null, "choice": {"name": "choice", "shares": [1.0, 0.0, 0.0], "words": "The choice: d30-w264-r5-d68857, depth alone; expected accuracy 8.6%"}, "marks": [{"name": "paper and equal", "shares": [0.49848910144962844, 0.39042324102147435, 0.11108765752889718], "words": "Nearest to the paper\u2019s shares: d23-w316-r8-b1207d, depth 50%, width 39% and resolution 11%\nNearest to equal shares: d23-w316-r8-b1207d, depth 50%, width 39% and resolution 11%"}, {"name": "fast", "shares": [0.17316177720690176, 0.7367903217596177, 0.09004790103348051], "words": "Nearest to fast scaling\u2019s shares: d17-w362-r7-f91f71, depth 17%, width 74% and resolution 9%"}, {"name": "", "shares": [1.0, 0.0, 0.0], "words": "Nearest to depth alone: d30-w264-r5-d68857, depth alone"}, {"name": "", "shares": [0.0, 0.9105568127537198, 0.08944318724628017], "words": "Nearest to width alone: d16-w384-r7-59c599, width 91% and resolution 9%"}, {"name": "", "shares": [0.5058181607839413, 0.38148444931299436, 0.11269738990306447], "words": "Nearest to resolution alone: d23-w306-r8-b377c3, depth 51%, width 38% and resolution 11%"}], "corners": ["alone: 8.6%", "at most 91%: 8.6%", "at most 11%: 8.6%"], "headline": "Best seen so far: depth alone", "title": "3 networks ran: 8.6% to 8.6%", "note": "Each point of the triangle is a way to spend the doubling: the nearer a corner, the more goes to its axis; ticks mark quarters. No surface is fitted: that takes 8 networks, and 3 ran.", "paragraphs": [["What is chosen.", "Spend each doubling of cost on depth alone. For efficientnet_b0 at 224 px that is \u03b1 = 1.969 (depth), \u03b2 = 1.000 (width), \u03b3 = 1.000 (resolution). It is the best observed mean of 3 networks (3 runs), not a fit."], ["How sure that is.", "Its accuracy in runs this short is expected to be 8.6% (90% interval 7.9% to 9.3%), which is optimistic: the best of several noisy means always is."], ["What it cannot tell apart.", "Anything: with 3 networks there is no surface, and no network is ruled out."], ["What would make it surer.", "More networks: from 8 on, a surface is fitted. <code>scaling-search extend third_worked --trials 5</code> adds runs."]]}');
INSERT INTO "choice" VALUES(2,1,'2026-11-26 09:08:04.538674',8,'best mean',1.59375000000000111022e+00,1.03390459550882041206e+00,1.02805422571560822753e+00,'[0.7925205830789707, 0.1133885574189759, 0.09409085950205347]',0.140625,'{"alpha": 1.593750000000001, "beta": 1.0339045955088204, "gamma": 1.0280542257156082, "product": 1.8005831192320236, "shares": [0.7925205830789707, 0.1133885574189759, 0.09409085950205347], "key": "d26-w276-r8-41081d", "accuracy": 0.140625, "accuracy_interval": [0.13419921875, 0.14705078125], "method": "best mean", "runs": 8, "networks": 6, "seed_noise": 0.390625, "network_effect": null, "expected_regret": null, "tie_region": [{"key": "d30-w264-r5-d68857", "shares": [1.0, 0.0, 0.0]}, {"key": "d16-w384-r7-59c599", "shares": [0.0, 0.9105568127537198, 0.08944318724628017]}, {"key": "d23-w306-r8-b377c3", "shares": [0.5058181607839413, 0.38148444931299436, 0.11269738990306447]}, {"key": "d23-w316-r8-b1207d", "shares": [0.49848910144962844, 0.39042324102147435, 0.11108765752889718]}, {"key": "d22-w318-r5-3d42a4", "shares": [0.5036745276130739, 0.4963254723869262, 0.0]}, {"key": "d26-w276-r8-41081d", "shares": [0.7925205830789707, 0.1133885574189759, 0.09409085950205347]}], "tie_fraction": 1.0, "probability_better_than": {}, "verdict": "only 6 networks have run, too few for a surface (8 are needed): this is the best observed mean, which is optimistic, and nothing can be ruled out", "optima": [], "cross_check": null, "lack_of_fit": null, "movement": null, "warnings": [], "intervals": null, "family": {"base": "efficientnet_b0", "rounding": "nearest", "alpha": 1.593750000000001, "beta": 1.0339045955088204, "gamma": 1.0280542257156082, "models": [{"name": "b0", "phi": 0.0, "depth": 1.0, "width": 1.0, "resolution": 224, "dropout": 0.2, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 5288548, "macs": 385814752, "macs_ratio": 1.0, "target_ratio": 1.0}, {"name": "b1", "phi": 0.5, "depth": 1.1875, "width": 1.0142524044223338, "resolution": 233, "dropout": 0.2, "repeats": [1, 2, 2, 4, 4, 5, 1], "channels": [32, 16, 24, 40, 80, 112, 192, 328, 1296], "params": 6228724, "macs": 546307904, "macs_ratio": 1.4159850061928165, "target_ratio": 1.4142135623730951}, {"name": "b2", "phi": 1.0, "depth": 1.625, "width": 1.0183960265762564, "resolution": 233, "dropout": 0.3, "repeats": [2, 3, 3, 5, 5, 6, 2], "channels": [32, 16, 24, 40, 80, 112, 192, 328, 1304], "params": 8823450, "macs": 773521952, "macs_ratio": 2.004905069052414, "target_ratio": 2.0}, {"name": "b3", "phi": 2.0, "depth": 2.9375, "width": 1.0793077487628524, "resolution": 234, "dropout": 0.3, "repeats": [3, 6, 6, 9, 9, 11, 3], "channels": [32, 16, 24, 40, 88, 120, 208, 344, 1384], "params": 16796408, "macs": 1549313424, "macs_ratio": 4.0156925466655045, "target_ratio": 4.0}, {"name": "b4", "phi": 3.5, "depth": 6.6875, "width": 1.1459916630033586, "resolution": 251, "dropout": 0.4, "repeats": [7, 13, 13, 20, 20, 27, 7], "channels": [40, 16, 24, 48, 88, 128, 224, 368, 1464], "params": 44669288, "macs": 4352994368, "macs_ratio": 11.2826021955739, "target_ratio": 11.313708498984761}, {"name": "b5", "phi": 5.0, "depth": 14.0625, "width": 1.2079791745082742, "resolution": 262, "dropout": 0.4, "repeats": [14, 28, 28, 42, 42, 57, 14], "channels": [40, 16, 32, 48, 96, 136, 232, 384, 1544], "params": 100656208, "macs": 12354098720, "macs_ratio": 32.02080442999753, "target_ratio": 32.0}, {"name": "b6", "phi": 6.0, "depth": 25.5625, "width": 1.2608320576396947, "resolution": 272, "dropout": 0.5, "repeats": [26, 51, 51, 77, 77, 102, 25], "channels": [40, 24, 32, 48, 104, 144, 240, 400, 1616], "params": 195960112, "macs": 24734469040, "macs_ratio": 64.10970267927962, "target_ratio": 64.0}, {"name": "b7", "phi": 7.0, "depth": 44.75, "width": 1.3125000000000961, "resolution": 280, "dropout": 0.5, "repeats": [45, 90, 89, 134, 134, 179, 45], "channels": [40, 24, 32, 56, 104, 144, 256, 424, 1680], "params": 382290194, "macs": 49470016640, "macs_ratio": 128.22220089707716, "target_ratio": 128.0}]}}','{"steps": null, "mean": null, "worse": null, "choice": {"name": "choice", "shares": [0.7925205830789707, 0.1133885574189759, 0.09409085950205347], "words": "The choice: d26-w276-r8-41081d, depth 79%, width 11% and resolution 9%; expected accuracy 14.1%"}, "marks": [{"name": "paper and equal", "shares": [0.49848910144962844, 0.39042324102147435, 0.11108765752889718], "words": "Nearest to the paper\u2019s shares: d23-w316-r8-b1207d, depth 50%, width 39% and resolution 11%\nNearest to equal shares: d23-w316-r8-b1207d, depth 50%, width 39% and resolution 11%"}, {"name": "fast", "shares": [0.17316177720690176, 0.7367903217596177, 0.09004790103348051], "words": "Nearest to fast scaling\u2019s shares: d17-w362-r7-f91f71, depth 17%, width 74% and resolution 9%"}, {"name": "", "shares": [1.0, 0.0, 0.0], "words": "Nearest to depth alone: d30-w264-r5-d68857, depth alone"}, {"name": "", "shares": [0.0, 0.9105568127537198, 0.08944318724628017], "words": "Nearest to width alone: d16-w384-r7-59c599, width 91% and resolution 9%"}, {"name": "", "shares": [0.5058181607839413, 0.38148444931299436, 0.11269738990306447], "words": "Nearest to resolution alone: d23-w306-r8-b377c3, depth 51%, width 38% and resolution 11%"}], "corners": ["alone: 8.6%", "at most 91%: 8.2%", "at most 11%: 8.6%"], "headline": "Best seen so far: depth 79%, width 11% and resolution 9%", "title": "6 networks ran: 8.2% to 14.1%", "note": "Each point of the triangle is a way to spend the doubling: the nearer a corner, the more goes to its axis; ticks mark quarters. No surface is fitted: that takes 8 networks, and 6 ran.", "paragraphs": [["What is chosen.", "Spend each doubling of cost on depth 79%, width 11% and resolution 9%. For efficientnet_b0 at 224 px that is \u03b1 = 1.594 (depth), \u03b2 = 1.034 (width), \u03b3 = 1.028 (resolution). It is the best observed mean of 6 networks (8 runs), not a fit."], ["How sure that is.", "Its accuracy in runs this short is expected to be 14.1% (90% interval 13.4% to 14.7%), which is optimistic: the best of several noisy means always is."], ["What it cannot tell apart.", "Anything: with 6 networks there is no surface, and no network is ruled out."], ["What would make it surer.", "More networks: from 8 on, a surface is fitted. <code>scaling-search extend third_worked --trials 2</code> adds runs."]]}');
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
INSERT INTO "epoch" VALUES(4,1,0,2.53003859519958496093e+00,2.30195283889770507812e+00,0.0859375,0.004,1.43646537000222451752e-01,1.024589557025298518e+03);
INSERT INTO "epoch" VALUES(4,1,1,2.54163074493408203125e+00,2.29928946495056152343e+00,0.0859375,0.0,9.20477190002202405594e-02,1.63000992943217443099e+03);
INSERT INTO "epoch" VALUES(2,1,0,2.51308679580688476562e+00,2.30325150489807128906e+00,0.0859375,0.004,1.61128685999756271485e-01,9.45387860695615586323e+02);
INSERT INTO "epoch" VALUES(2,1,1,2.32996392250061035156e+00,2.30679607391357421875e+00,0.0859375,0.0,1.10709491999841702636e-01,1.35032678805126829502e+03);
INSERT INTO "epoch" VALUES(3,1,0,2.747074127197265625e+00,2.3012855052948,0.0859375,0.004,1.1404413599984764005e-01,1.29591908297478698839e+03);
INSERT INTO "epoch" VALUES(3,1,1,2.51605772972106933593e+00,2.30387353897094726562e+00,0.0859375,0.0,7.22978200001307413913e-02,2.07154079067556858712e+03);
INSERT INTO "epoch" VALUES(1,1,0,2.51680755615234375e+00,2.29979085922241210937e+00,0.140625,0.004,1.09613163000176427885e-01,1.33066254114114508415e+03);
INSERT INTO "epoch" VALUES(1,1,1,2.36838507652282714843e+00,2.29514336585998535156e+00,0.140625,0.0,5.81910309997510921675e-02,2.5972774242273130767e+03);
INSERT INTO "epoch" VALUES(6,1,0,2.60373282432556152343e+00,2.29924416542053222656e+00,0.0859375,0.004,1.45227207000061753205e-01,1.01627794617479162296e+03);
INSERT INTO "epoch" VALUES(6,1,1,2.3630580902099609375e+00,2.29765653610229492187e+00,0.0859375,0.0,9.41431299997930182144e-02,1.59945462596368474803e+03);
INSERT INTO "epoch" VALUES(5,1,0,2.54696249961853027343e+00,2.30322861671447753906e+00,0.0859375,0.004,1.75795945000118081225e-01,8.33946033919784099428e+02);
INSERT INTO "epoch" VALUES(5,1,1,2.36914157867431640625e+00,2.30213594436645507812e+00,0.0859375,0.0,1.21406944999762345105e-01,1.24532666844919594954e+03);
INSERT INTO "epoch" VALUES(7,1,0,2.77552914619445800781e+00,2.30127620697021484375e+00,0.0859375,0.004,1.39271838000240677502e-01,1.05229596057386333993e+03);
INSERT INTO "epoch" VALUES(7,1,1,2.24903416633605957031e+00,2.30115294456481933593e+00,0.09375,0.0,9.52746069997374434024e-02,1.63772216644767081559e+03);
INSERT INTO "epoch" VALUES(8,1,0,2.43472623825073242187e+00,2.30124187469482421875e+00,0.140625,0.004,1.56175080000139132607e-01,9.4747974680389359034e+02);
INSERT INTO "epoch" VALUES(8,1,1,2.3061161041259765625e+00,2.29925942420959472656e+00,0.140625,0.0,1.04559717000029195332e-01,1.43148912613761604005e+03);
INSERT INTO "epoch" VALUES(9,1,0,2.67547535896301269531e+00,2.30187058448791503906e+00,0.078125,0.004,1.26473491000069770961e-01,1.15806798324087253601e+03);
INSERT INTO "epoch" VALUES(9,1,1,2.3988170623779296875e+00,2.30532526969909667968e+00,0.078125,0.0,0.0739373180003895,2.02274094956311773787e+03);
CREATE TABLE event (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	study_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR NOT NULL, 
	data JSON NOT NULL, 
	CONSTRAINT fk_event_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
INSERT INTO "event" VALUES(1,1,'2026-11-26 09:07:53.250706','state','{"state": "queued", "reason": null}');
INSERT INTO "event" VALUES(2,1,'2026-11-26 09:07:54.806980','state','{"state": "running", "reason": null}');
INSERT INTO "event" VALUES(3,1,'2026-11-26 09:07:55.033692','runs','{"started": [3], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(4,1,'2026-11-26 09:07:57.880232','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(5,1,'2026-11-26 09:07:58.095650','runs','{"started": [], "epochs": [[3, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(6,1,'2026-11-26 09:07:58.236364','runs','{"started": [], "epochs": [[3, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(7,1,'2026-11-26 09:07:58.270976','runs','{"started": [], "epochs": [], "ended": [[3, "complete"]]}');
INSERT INTO "event" VALUES(8,1,'2026-11-26 09:07:58.275616','runs','{"started": [1], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(9,1,'2026-11-26 09:07:58.890655','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(10,1,'2026-11-26 09:07:59.135620','runs','{"started": [], "epochs": [[1, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(11,1,'2026-11-26 09:07:59.286574','runs','{"started": [], "epochs": [[1, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(12,1,'2026-11-26 09:07:59.319701','runs','{"started": [], "epochs": [], "ended": [[1, "complete"]]}');
INSERT INTO "event" VALUES(13,1,'2026-11-26 09:07:59.321870','runs','{"started": [2], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(14,1,'2026-11-26 09:07:59.682903','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(15,1,'2026-11-26 09:07:59.863680','runs','{"started": [], "epochs": [[2, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(16,1,'2026-11-26 09:07:59.963213','runs','{"started": [], "epochs": [[2, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(17,1,'2026-11-26 09:07:59.979955','runs','{"started": [], "epochs": [], "ended": [[2, "complete"]]}');
INSERT INTO "event" VALUES(18,1,'2026-11-26 09:07:59.983539','runs','{"started": [0], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(19,1,'2026-11-26 09:08:00.332538','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(20,1,'2026-11-26 09:08:00.496288','runs','{"started": [], "epochs": [[0, 0, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(21,1,'2026-11-26 09:08:00.576675','runs','{"started": [], "epochs": [[0, 1, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(22,1,'2026-11-26 09:08:00.596992','runs','{"started": [], "epochs": [], "ended": [[0, "complete"]]}');
INSERT INTO "event" VALUES(23,1,'2026-11-26 09:08:00.918517','choice','{"after_trials": 3}');
INSERT INTO "event" VALUES(24,1,'2026-11-26 09:08:00.920917','runs','{"started": [5], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(25,1,'2026-11-26 09:08:01.348868','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(26,1,'2026-11-26 09:08:01.571373','runs','{"started": [], "epochs": [[5, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(27,1,'2026-11-26 09:08:01.698471','runs','{"started": [], "epochs": [[5, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(28,1,'2026-11-26 09:08:01.720912','runs','{"started": [], "epochs": [], "ended": [[5, "complete"]]}');
INSERT INTO "event" VALUES(29,1,'2026-11-26 09:08:01.723507','runs','{"started": [4], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(30,1,'2026-11-26 09:08:02.036092','runs','{"started": [], "epochs": [[4, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(31,1,'2026-11-26 09:08:02.204020','runs','{"started": [], "epochs": [[4, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(32,1,'2026-11-26 09:08:02.255963','runs','{"started": [], "epochs": [], "ended": [[4, "complete"]]}');
INSERT INTO "event" VALUES(33,1,'2026-11-26 09:08:02.259527','runs','{"started": [6], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(34,1,'2026-11-26 09:08:02.719176','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(35,1,'2026-11-26 09:08:02.927612','runs','{"started": [], "epochs": [[6, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(36,1,'2026-11-26 09:08:03.055573','runs','{"started": [], "epochs": [[6, 1, 0.09375]], "ended": []}');
INSERT INTO "event" VALUES(37,1,'2026-11-26 09:08:03.081094','runs','{"started": [], "epochs": [], "ended": [[6, "complete"]]}');
INSERT INTO "event" VALUES(38,1,'2026-11-26 09:08:03.082904','runs','{"started": [7], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(39,1,'2026-11-26 09:08:03.620335','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(40,1,'2026-11-26 09:08:03.855690','runs','{"started": [], "epochs": [[7, 0, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(41,1,'2026-11-26 09:08:03.996410','runs','{"started": [], "epochs": [[7, 1, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(42,1,'2026-11-26 09:08:04.019445','runs','{"started": [], "epochs": [], "ended": [[7, "complete"]]}');
INSERT INTO "event" VALUES(43,1,'2026-11-26 09:08:04.021148','runs','{"started": [8], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(44,1,'2026-11-26 09:08:04.228502','runs','{"started": [], "epochs": [[8, 0, 0.078125]], "ended": []}');
INSERT INTO "event" VALUES(45,1,'2026-11-26 09:08:04.326256','runs','{"started": [], "epochs": [[8, 1, 0.078125]], "ended": []}');
INSERT INTO "event" VALUES(46,1,'2026-11-26 09:08:04.347452','runs','{"started": [], "epochs": [], "ended": [[8, "complete"]]}');
INSERT INTO "event" VALUES(47,1,'2026-11-26 09:08:04.539496','choice','{"after_trials": 8}');
INSERT INTO "event" VALUES(48,1,'2026-11-26 09:08:04.540994','state','{"state": "complete", "reason": null}');
INSERT INTO "event" VALUES(49,2,'2026-11-26 09:08:06.928169','state','{"state": "queued", "reason": null}');
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
INSERT INTO "family_member" VALUES(9,2,'b0',0.0,1.0,1.0,224,0.2,'[1, 2, 2, 3, 3, 4, 1]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',5288548,385814752,1.0,1.0);
INSERT INTO "family_member" VALUES(10,2,'b1',0.5,1.1875,1.01425240442233377535e+00,233,0.2,'[1, 2, 2, 4, 4, 5, 1]','[32, 16, 24, 40, 80, 112, 192, 328, 1296]',6228724,546307904,1.41598500619281653101e+00,1.41421356237309514547e+00);
INSERT INTO "family_member" VALUES(11,2,'b2',1.0,1.625,1.0183960265762563857e+00,233,0.3,'[2, 3, 3, 5, 5, 6, 2]','[32, 16, 24, 40, 80, 112, 192, 328, 1304]',8823450,773521952,2.00490506905241394619e+00,2.0);
INSERT INTO "family_member" VALUES(12,2,'b3',2.0,2.9375,1.0793077487628524036e+00,234,0.3,'[3, 6, 6, 9, 9, 11, 3]','[32, 16, 24, 40, 88, 120, 208, 344, 1384]',16796408,1549313424,4.01569254666550445875e+00,4.0);
INSERT INTO "family_member" VALUES(13,2,'b4',3.5,6.6875,1.14599166300335864043e+00,251,0.4,'[7, 13, 13, 20, 20, 27, 7]','[40, 16, 24, 48, 88, 128, 224, 368, 1464]',44669288,4352994368,11.2826021955739,1.13137084989847611635e+01);
INSERT INTO "family_member" VALUES(14,2,'b5',5.0,14.0625,1.20797917450827418939e+00,262,0.4,'[14, 28, 28, 42, 42, 57, 14]','[40, 16, 32, 48, 96, 136, 232, 384, 1544]',100656208,12354098720,3.20208044299975327353e+01,32.0);
INSERT INTO "family_member" VALUES(15,2,'b6',6.0,25.5625,1.26083205763969474766e+00,272,0.5,'[26, 51, 51, 77, 77, 102, 25]','[40, 24, 32, 48, 104, 144, 240, 400, 1616]',195960112,24734469040,6.4109702679279621405e+01,64.0);
INSERT INTO "family_member" VALUES(16,2,'b7',7.0,44.75,1.31250000000009614531e+00,280,0.5,'[45, 90, 89, 134, 134, 179, 45]','[40, 24, 32, 56, 104, 144, 256, 424, 1680]',382290194,49470016640,1.28222200897077158291e+02,128.0);
CREATE TABLE scaling_search_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT scaling_search_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "scaling_search_version" VALUES('0003');
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
INSERT INTO "study" VALUES(1,'third_worked','','complete',NULL,'{"name": "third_worked", "description": "", "base": {"network": "efficientnet_b0", "table": null, "factory": null, "width": 0.125, "resolution": 5, "strides": [1, 1, 2, 1, 2, 1, 1, 1]}, "budget": {"mode": "real", "target": 2.0, "tolerance": 0.02, "rounding": "nearest", "divisor": 2, "step": 0.05, "slack": 0.1}, "search": {"sampler": "lattice", "pruner": "none", "trials": 8, "replicates": 2, "base_runs": 1, "round": 3, "seed": 0, "patience": null, "indifference": 0.2, "stages": null}, "proxy": {"dataset": "digits", "root": null, "classes": null, "channels": null, "stored_px": 320, "cache_gb": 8.0, "workers": null, "train_size": 128, "validation_size": 128, "split_seed": 0, "epochs": 2, "batch_size": 64, "learning_rate": 0.004, "depth_exponent": 0.0, "weight_decay": 0.05, "warmup": 0.3, "label_smoothing": 0.1, "dropout": 0.0, "stochastic_depth": 0.0, "flip": false, "crop": 1}, "family": {"base": "efficientnet_b0", "resolution": 224, "phi": [0.5, 1.0, 2.0, 3.5, 5.0, 6.0, 7.0], "rounding": "nearest", "divisor": 8}, "run": {"engine": "local", "slots": null, "max_failures": 5, "max_failures_in_row": 3, "max_hours": null}, "validation": null}','624b1afb571f54296af589b9e400691b5d94aa69750c7c9b21a994779ca5eceb','{"scaling-search": "0.1.0", "torch": "2.14.1", "torchvision": "0.29.1", "optuna": "5.0.0", "fvcore": "0.1.5.post20221221", "numpy": "2.4.6", "pandas": "3.1.1", "sqlalchemy": "2.1.9"}','2026-11-26 09:07:53.248009','2026-11-26 09:07:54.803458','2026-11-26 09:08:04.540037',NULL,NULL,1,'someone',0,NULL,NULL,0,NULL);
INSERT INTO "study" VALUES(2,'third_queued','','queued',NULL,'{"name": "third_queued", "description": "", "base": {"network": "efficientnet_b0", "table": null, "factory": null, "width": 0.125, "resolution": 5, "strides": [1, 1, 2, 1, 2, 1, 1, 1]}, "budget": {"mode": "real", "target": 2.0, "tolerance": 0.02, "rounding": "nearest", "divisor": 2, "step": 0.05, "slack": 0.1}, "search": {"sampler": "lattice", "pruner": "none", "trials": 3, "replicates": 0, "base_runs": 1, "round": 4, "seed": 0, "patience": null, "indifference": 0.2, "stages": null}, "proxy": {"dataset": "digits", "root": null, "classes": null, "channels": null, "stored_px": 320, "cache_gb": 8.0, "workers": null, "train_size": 128, "validation_size": 128, "split_seed": 0, "epochs": 2, "batch_size": 64, "learning_rate": 0.004, "depth_exponent": 0.0, "weight_decay": 0.05, "warmup": 0.3, "label_smoothing": 0.1, "dropout": 0.0, "stochastic_depth": 0.0, "flip": false, "crop": 1}, "family": {"base": "efficientnet_b0", "resolution": 224, "phi": [0.5, 1.0, 2.0, 3.5, 5.0, 6.0, 7.0], "rounding": "nearest", "divisor": 8}, "run": {"engine": "local", "slots": null, "max_failures": 5, "max_failures_in_row": 3, "max_hours": null}, "validation": null}','d4aca0189b48c88db1c5c9c8a62ac71bd412ecf5e83b4af146727e9fa10b2d73','{"scaling-search": "0.1.0", "torch": "2.14.1", "torchvision": "0.29.1", "optuna": "5.0.0", "fvcore": "0.1.5.post20221221", "numpy": "2.4.6", "pandas": "3.1.1", "sqlalchemy": "2.1.9"}','2026-11-26 09:08:06.924976',NULL,NULL,NULL,NULL,0,'someone',5,NULL,NULL,0,NULL);
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
INSERT INTO "token" VALUES(1,'viewer','viewer','0000000000000000000000000000000000000000000000000000000000000001','2026-11-26 09:08:07.843343',NULL,NULL,NULL);
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
INSERT INTO "trial" VALUES(1,1,0,0,'base','complete',0,1.0,1.0,1.0,'d16-w264-r5-f058a0',NULL,1.0,1.0,1.0,'[1, 2, 2, 3, 3, 4, 1]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',5,319176,1.0,90375,13553,319176,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 1}], "head": 160, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.140625,2.29514336585998535156e+00,1.67804193999927520053e-01,NULL,'2026-11-26 09:07:59.983633','2026-11-26 09:08:00.597184',NULL,NULL);
INSERT INTO "trial" VALUES(2,1,1,0,'candidate','complete',1,2.0,1.0,1.0,'d30-w264-r5-d68857','[1.0, 0.0, 0.0]',1.875,1.0,1.0,'[2, 4, 4, 6, 5, 7, 2]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',5,631082,1.9772225981903401859e+00,178988,26020,631082,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 7}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 2}], "head": 160, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.30679607391357421875e+00,0.271838177999598,NULL,'2026-11-26 09:07:58.275709','2026-11-26 09:07:59.319849',NULL,NULL);
INSERT INTO "trial" VALUES(3,1,2,0,'candidate','complete',2,1.0,1.41421356237309514547e+00,1.0,'d16-w384-r7-59c599','[0.0, 0.9105568127537198, 0.08944318724628017]',1.0,1.45454545454545458582e+00,1.4,'[1, 2, 2, 3, 3, 4, 1]','[6, 2, 6, 8, 14, 20, 36, 58, 234]',7,650784,2.03895029701481300676e+00,174200,22414,650784,'{"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 20, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 36, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 58, "blocks": 1}], "head": 234, "resolution": 7, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.30387353897094726562e+00,1.86341955999978381441e-01,NULL,'2026-11-26 09:07:59.322002','2026-11-26 09:07:59.980097',NULL,NULL);
INSERT INTO "trial" VALUES(4,1,3,0,'candidate','complete',3,1.0,1.0,1.41421356237309514547e+00,'d23-w306-r8-b377c3','[0.5058181607839413, 0.38148444931299436, 0.11269738990306447]',1.4375,1.15909090909090917165e+00,1.6,'[2, 3, 3, 4, 4, 6, 1]','[4, 2, 4, 8, 12, 16, 28, 46, 186]',8,630600,1.97571245958342722737e+00,164128,26262,630600,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 28, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 46, "blocks": 1}], "head": 186, "resolution": 8, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.29928946495056152343e+00,2.35694256000442692311e-01,NULL,'2026-11-26 09:07:55.033786','2026-11-26 09:07:58.271176',NULL,NULL);
INSERT INTO "trial" VALUES(5,1,4,1,'candidate','complete',4,2.0,1.0,1.0,'d30-w264-r5-d68857','[1.0, 0.0, 0.0]',1.875,1.0,1.0,'[2, 4, 4, 6, 5, 7, 2]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',5,631082,1.9772225981903401859e+00,178988,26020,NULL,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 7}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 2}], "head": 160, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.30213594436645507812e+00,2.9720288999988042633e-01,NULL,'2026-11-26 09:08:01.723597','2026-11-26 09:08:02.256124',NULL,NULL);
INSERT INTO "trial" VALUES(6,1,5,1,'candidate','complete',5,1.25992104989487319066e+00,1.12246204830937301721e+00,1.12246204830937301721e+00,'d23-w316-r8-b1207d','[0.49848910144962844, 0.39042324102147435, 0.11108765752889718]',1.4375,1.19696969696969701679e+00,1.6,'[2, 3, 3, 4, 4, 6, 1]','[4, 2, 4, 8, 12, 16, 28, 48, 194]',8,635048,1.98964834448705407687e+00,165320,26302,635048,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 28, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 48, "blocks": 1}], "head": 194, "resolution": 8, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.29765653610229492187e+00,2.3937033699985477142e-01,NULL,'2026-11-26 09:08:00.920987','2026-11-26 09:08:01.721059',NULL,NULL);
INSERT INTO "trial" VALUES(7,1,6,1,'candidate','complete',6,1.41421356237309514547e+00,1.18920711500272102689e+00,1.0,'d22-w318-r5-3d42a4','[0.5036745276130739, 0.4963254723869262, 0.0]',1.375,1.20454545454545458582e+00,1.0,'[1, 3, 3, 4, 4, 6, 1]','[4, 2, 4, 8, 12, 16, 30, 48, 194]',5,627456,1.96586209489435304043e+00,176707,22857,627456,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 30, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 48, "blocks": 1}], "head": 194, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.09375,2.30115294456481933593e+00,2.34546444999978120904e-01,NULL,'2026-11-26 09:08:02.259617','2026-11-26 09:08:03.081250',NULL,NULL);
INSERT INTO "trial" VALUES(8,1,7,2,'candidate','complete',7,1.41421356237309514547e+00,1.0,1.18920711500272102689e+00,'d26-w276-r8-41081d','[0.7925205830789707, 0.1133885574189759, 0.09409085950205347]',1.625,1.04545454545454541417e+00,1.6,'[2, 3, 3, 5, 5, 6, 2]','[4, 2, 4, 6, 10, 14, 26, 42, 168]',8,650868,2.03921347469734559609e+00,175042,27236,650868,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 26, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 42, "blocks": 2}], "head": 168, "resolution": 8, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.140625,2.29925942420959472656e+00,2.6073479700016832794e-01,NULL,'2026-11-26 09:08:03.082994','2026-11-26 09:08:04.019604',NULL,NULL);
INSERT INTO "trial" VALUES(9,1,8,2,'candidate','complete',8,1.0,1.37104735950372114139e+00,1.03148410780281052367e+00,'d16-w384-r7-59c599','[0.0, 0.9105568127537198, 0.08944318724628017]',1.0,1.45454545454545458582e+00,1.4,'[1, 2, 2, 3, 3, 4, 1]','[6, 2, 6, 8, 14, 20, 36, 58, 234]',7,650784,2.03895029701481300676e+00,174200,22414,NULL,'{"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 20, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 36, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 58, "blocks": 1}], "head": 234, "resolution": 7, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.078125,2.30532526969909667968e+00,2.00410809000459266826e-01,NULL,'2026-11-26 09:08:04.021233','2026-11-26 09:08:04.347723',NULL,NULL);
CREATE INDEX ix_trial_study_id_state ON trial (study_id, state);
CREATE INDEX ix_choice_study_id ON choice (study_id);
CREATE INDEX ix_family_member_choice_id ON family_member (choice_id);
CREATE INDEX ix_study_created_at ON study (created_at);
CREATE INDEX ix_event_study_id_id ON event (study_id, id);
CREATE INDEX ix_delivery_due_at ON delivery (due_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('event',49);
COMMIT;
